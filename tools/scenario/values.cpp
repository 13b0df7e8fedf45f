#include <array>
#include <brontes/discovery/testkit/event_log.hpp>
#include <brontes/runtime/setting.hpp>
#include <brontes/tools/scenario/values.hpp>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>

namespace brontes::scenario {
namespace {

constexpr double kNone = std::numeric_limits<double>::infinity();

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool take(std::string_view& text, std::string_view start) {
  if (!text.starts_with(start)) return false;
  text.remove_prefix(start.size());
  return true;
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  if (!std::isfinite(value) || value < 0) return {};
  return value;
}

// What follows the digits: "ms", "%", "".
std::string_view unit_of(std::string_view text) {
  const std::size_t end = text.find_last_of("0123456789.");
  return end == std::string_view::npos ? text : text.substr(end + 1);
}

std::optional<double> in_unit(std::string_view text, Unit unit) {
  switch (unit) {
    case Unit::kCount:
      return number(text);
    case Unit::kShare:
      if (text.empty() || text.back() != '%') return {};
      if (const auto percent = number(text.substr(0, text.size() - 1))) return *percent / 100;
      return {};
    case Unit::kTime:
      if (const auto time = parse_duration(text))
        return static_cast<double>(std::chrono::nanoseconds(*time).count());
      return {};
  }
  return {};
}

const char* example(Unit unit) {
  switch (unit) {
    case Unit::kCount:
      return "a number: 3, 3..5, 3.., <= 5";
    case Unit::kShare:
      return "a percentage: 30%, 30..36%, 30%.., <= 5%";
    case Unit::kTime:
      return "a duration: 20ms, 5..15ms, 5ms.., <= 50ms";
  }
  return "";
}

// "5..15ms" means "5ms..15ms".
std::string first_with_unit(std::string_view first, std::string_view second) {
  std::string text(first);
  if (!first.empty() && unit_of(first).empty()) text += unit_of(second);
  return text;
}

}  // namespace

Expected<Range> parse_range(std::string_view text, Unit unit) {
  const auto refuse = [&] { return fail(Errc::kInvalidArgument, example(unit)); };
  Range range{-kNone, kNone, false, std::string(text)};
  std::string_view rest = trim(text);
  const std::size_t dots = rest.find("..");
  if (dots != std::string_view::npos) {
    const std::string_view last = trim(rest.substr(dots + 2));
    const std::string first = first_with_unit(trim(rest.substr(0, dots)), last);
    if (first.empty() && last.empty()) return refuse();
    const auto low = in_unit(first, unit), high = in_unit(last, unit);
    if ((!first.empty() && !low) || (!last.empty() && !high)) return refuse();
    range.low = low.value_or(range.low);
    range.high = high.value_or(range.high);
    if (range.low > range.high) return refuse();
    return range;
  }
  const bool at_most = take(rest, "<="), below = !at_most && take(rest, "<");
  const bool at_least = take(rest, ">=");
  const auto value = in_unit(trim(rest), unit);
  if (!value) return refuse();
  range.without_high = below;
  if (!at_least) range.high = *value;
  if (!at_most && !below) range.low = *value;
  return range;
}

Expected<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!text.empty() && error == std::errc() && end == text.data() + text.size()) return value;
  return fail(Errc::kInvalidArgument, "a whole number");
}

Expected<Duration> parse_time(std::string_view text) {
  if (const auto time = parse_duration(text)) return *time;
  return fail(Errc::kInvalidArgument, "a duration: 500us, 250ms, 3s, 2m");
}

Expected<double> parse_share(std::string_view text) {
  if (const auto share = in_unit(text, Unit::kShare); share && *share <= 1) return *share;
  return fail(Errc::kInvalidArgument, "a percentage: 0% to 100%");
}

Expected<double> parse_rate(std::string_view text) {
  if (text.ends_with("/s"))
    if (const auto rate = number(text.substr(0, text.size() - 2)); rate && *rate <= 1e6)
      return *rate;
  return fail(Errc::kInvalidArgument, "calls a second: 100/s, 0.5/s, at most 1000000/s");
}

Expected<Latency> parse_latency(std::string_view text) {
  const auto refuse = [] {
    return fail(Errc::kInvalidArgument,
                "10ms, 5..15ms, or {p50: 10ms, p99: 80ms}; at most an hour");
  };
  const auto range = parse_range(text, Unit::kTime);
  if (!range || std::isinf(range->low) || range->high > 3600e9) return refuse();
  return Latency::between(Duration(std::llround(range->low)), Duration(std::llround(range->high)));
}

Expected<Errc> parse_code(std::string_view text) {
  const Errc code = errc_from_name(text);
  if (code != Errc::kOk && to_string(code) == text) return code;
  return fail(Errc::kInvalidArgument, "a code of gRPC: UNAVAILABLE, NOT_FOUND and so on");
}

Expected<bool> parse_bool(std::string_view text) {
  return parse_word<bool>(text, {{"true", true}, {"false", false}});
}

std::string show(double value, Unit unit) {
  if (unit == Unit::kTime) return in_seconds(Duration(std::llround(value)));
  std::array<char, 64> text{};
  const bool whole = unit == Unit::kCount && value == std::floor(value);
  if (unit == Unit::kShare)
    std::snprintf(text.data(), text.size(), "%.1f%%", value * 100);
  else
    std::snprintf(text.data(), text.size(), whole ? "%.0f" : "%.3f", value);
  return text.data();
}

std::string list(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace brontes::scenario
