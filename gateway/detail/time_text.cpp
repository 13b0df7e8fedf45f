#include <algorithm>
#include <brontes/gateway/detail/time_text.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace brontes::detail {
namespace {

constexpr std::int64_t kMaxDuration = 315'576'000'000;
constexpr std::int64_t kFirst = -62'135'596'800, kLast = 253'402'300'799;  // years 1 to 9999
constexpr std::int32_t kNanos = 1'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes exactly `count` digits.
bool take(std::string_view& text, std::size_t count, int& value) {
  if (text.size() < count ||
      !std::all_of(text.begin(), text.begin() + static_cast<long>(count), is_digit))
    return false;
  std::from_chars(text.data(), text.data() + count, value);
  text.remove_prefix(count);
  return true;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// ".5" as nanoseconds; nothing there is fine, more than nine digits are not.
bool take_fraction(std::string_view& text, std::int32_t& nanos) {
  nanos = 0;
  if (!take(text, '.')) return true;
  std::int32_t scale = kNanos / 10;
  std::size_t count = 0;
  for (; count < text.size() && is_digit(text[count]); ++count, scale /= 10) {
    if (count == 9) return false;
    nanos += (text[count] - '0') * scale;
  }
  text.remove_prefix(count);
  return count > 0;
}

void append_fraction(std::int32_t nanos, std::string& out) {
  if (nanos == 0) return;
  char digits[12];
  std::snprintf(digits, sizeof digits, ".%09d", nanos);
  const std::string_view all(digits, 10);
  out += all.substr(0, nanos % 1'000'000 == 0 ? 4 : nanos % 1000 == 0 ? 7 : 10);
}

// "Z", "+02:00": seconds east of Greenwich.
bool take_offset(std::string_view& text, int& seconds) {
  seconds = 0;
  if (take(text, 'Z')) return true;
  const bool east = take(text, '+');
  int hours = 0, minutes = 0;
  if ((!east && !take(text, '-')) || !take(text, 2, hours) || !take(text, ':') ||
      !take(text, 2, minutes) || hours > 23 || minutes > 59)
    return false;
  seconds = (hours * 60 + minutes) * (east ? 60 : -60);
  return true;
}

std::int64_t nanos_of_unit(std::string_view& text) {
  struct Unit {
    std::string_view name;
    std::int64_t nanos;
  };
  static constexpr Unit kUnits[] = {{"ns", 1},     {"us", 1000},         {"ms", 1'000'000},
                                    {"s", kNanos}, {"m", 60LL * kNanos}, {"h", 3600LL * kNanos}};
  for (const Unit& unit : kUnits)
    if (text.substr(0, unit.name.size()) == unit.name) {
      text.remove_prefix(unit.name.size());
      return unit.nanos;
    }
  return 0;
}

}  // namespace

std::optional<SecondsNanos> timestamp_from_text(std::string_view text) {
  using namespace std::chrono;
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, offset = 0;
  std::int32_t nanos = 0;
  if (!take(text, 4, y) || !take(text, '-') || !take(text, 2, mo) || !take(text, '-') ||
      !take(text, 2, d) || !take(text, 'T') || !take(text, 2, h) || !take(text, ':') ||
      !take(text, 2, mi) || !take(text, ':') || !take(text, 2, s) || !take_fraction(text, nanos) ||
      !take_offset(text, offset) || !text.empty())
    return {};
  const year_month_day date{year(y), month(static_cast<unsigned>(mo)),
                            day(static_cast<unsigned>(d))};
  if (!date.ok() || h > 23 || mi > 59 || s > 59) return {};
  const std::int64_t days = sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = days * 86400 + h * 3600 + mi * 60 + s - offset;
  if (seconds < kFirst || seconds > kLast) return {};
  return SecondsNanos{seconds, nanos};
}

bool append_timestamp(SecondsNanos time, std::string& out) {
  using namespace std::chrono;
  if (time.seconds < kFirst || time.seconds > kLast || time.nanos < 0 || time.nanos >= kNanos)
    return false;
  const sys_seconds at{seconds(time.seconds)};
  const auto midnight = floor<days>(at);
  const year_month_day date(midnight);
  const hh_mm_ss clock(at - midnight);
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  out += text;
  append_fraction(time.nanos, out);
  out += 'Z';
  return true;
}

std::optional<SecondsNanos> duration_from_text(std::string_view text) {
  const bool negative = take(text, '-');
  SecondsNanos value;
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto end = std::from_chars(text.data(), text.data() + digits, value.seconds);
  if (digits == 0 || end.ec != std::errc()) return {};
  text.remove_prefix(digits);
  if (!take_fraction(text, value.nanos) || text != "s") return {};
  if (value.seconds > kMaxDuration || (value.seconds == kMaxDuration && value.nanos > 0)) return {};
  return negative ? SecondsNanos{-value.seconds, -value.nanos} : value;
}

std::optional<SecondsNanos> duration_from_units(std::string_view text) {
  const bool negative = take(text, '-');
  if (!negative) take(text, '+');
  if (text.empty()) return {};
  std::int64_t total = 0;
  while (!text.empty() && text != "0") {
    std::int64_t whole = 0;
    std::int32_t nanos = 0;
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto end = std::from_chars(text.data(), text.data() + digits, whole);
    if (digits == 0 || end.ec != std::errc()) return {};
    text.remove_prefix(digits);
    if (!take_fraction(text, nanos)) return {};
    const std::int64_t unit = nanos_of_unit(text);
    std::int64_t part = 0;
    if (unit == 0 || __builtin_mul_overflow(whole, unit, &part) ||
        __builtin_add_overflow(total, part, &total) ||
        __builtin_add_overflow(total, static_cast<std::int64_t>(__int128{nanos} * unit / kNanos),
                               &total))
      return {};
  }
  if (negative) total = -total;
  return SecondsNanos{total / kNanos, static_cast<std::int32_t>(total % kNanos)};
}

bool append_duration(SecondsNanos value, std::string& out) {
  const bool negative = value.seconds < 0 || value.nanos < 0;
  if (negative && (value.seconds > 0 || value.nanos > 0)) return false;
  if (value.seconds < -kMaxDuration || value.seconds > kMaxDuration || value.nanos <= -kNanos ||
      value.nanos >= kNanos)
    return false;
  if (negative) out += '-';
  out += std::to_string(negative ? -value.seconds : value.seconds);
  append_fraction(negative ? -value.nanos : value.nanos, out);
  out += 's';
  return true;
}

std::optional<std::string> mask_path_from_json(std::string_view path) {
  std::string out;
  if (path.empty()) return {};
  for (const char c : path) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (!upper && !(c >= 'a' && c <= 'z') && !is_digit(c) && c != '.') return {};
    if (upper) out += '_';
    out += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

std::optional<std::string> mask_path_to_json(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] >= 'A' && path[i] <= 'Z') return {};
    if (path[i] != '_') {
      out += path[i];
      continue;
    }
    if (++i == path.size() || path[i] < 'a' || path[i] > 'z') return {};
    out += static_cast<char>(path[i] - 'a' + 'A');
  }
  return out;
}

}  // namespace brontes::detail
