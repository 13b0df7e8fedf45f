#include <spdlog/fmt/chrono.h>

#include <array>
#include <brontes/actors/detail/log_text.hpp>

namespace brontes::detail {
namespace {

struct LevelName {
  std::string_view text, json;
};
LevelName name_of(LogLevel level) {
  static constexpr std::array<LevelName, 4> kNames = {
      {{"DEBUG", "debug"}, {"INFO ", "info"}, {"WARN ", "warn"}, {"ERROR", "error"}}};
  return kNames[std::min<std::size_t>(static_cast<std::size_t>(level), kNames.size() - 1)];
}

std::string stamp(WallTime time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(time - whole).count();
  const auto seconds = std::chrono::system_clock::to_time_t(whole);  // lint: allow(clock)
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), millis);
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

void escape_into(std::string& out, std::string_view text, bool json) {
  for (const char c : text) {
    if (json && (c == '"' || c == '\\'))
      out += '\\', out += c;
    else if (c == '\n')
      out += "\\n";
    else if (is_control(c))
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    else
      out += c;
  }
}

void member_into(std::string& out, std::string_view key, std::string_view value) {
  out += out.size() > 1 ? ",\"" : "\"";
  escape_into(out, key, true);
  out += "\":\"";
  escape_into(out, value, true);
  out += '"';
}

bool is_number(std::string_view value) {
  if (!value.empty() && value.front() == '-') value.remove_prefix(1);
  const bool zero_first = value.size() > 1 && value.front() == '0';
  return !value.empty() && value.size() <= 15 && !zero_first &&
         value.find_first_not_of("0123456789") == std::string_view::npos;
}

bool starts_a_member(std::string_view rest) {
  if (rest.empty()) return true;
  const auto equals = rest.find('=');
  return rest.front() == ' ' && equals != std::string_view::npos && rest.find(' ', 1) > equals;
}

// The value at the front of `rest`. A quoted one may hold quotes: it ends where a key follows.
std::string_view take_value(std::string_view& rest) {
  const bool is_quoted = !rest.empty() && rest.front() == '"';
  std::size_t end = rest.find(is_quoted ? '"' : ' ', is_quoted ? 1 : 0);
  while (is_quoted && end != std::string_view::npos && !starts_a_member(rest.substr(end + 1)))
    end = rest.find('"', end + 1);
  std::string_view value = rest.substr(0, end);
  if (is_quoted) value.remove_prefix(1);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end);
  if (is_quoted && !rest.empty()) rest.remove_prefix(1);
  if (!rest.empty()) rest.remove_prefix(1);
  return value;
}

}  // namespace

std::string_view event_of(std::string_view line) {
  const auto equals = line.find('=');
  if (equals == std::string_view::npos) return line;
  const auto blank = line.rfind(' ', equals);
  return blank == std::string_view::npos ? std::string_view() : line.substr(0, blank);
}

std::string as_text(const LogLine& line) {
  std::string out =
      fmt::format("{} {} {} ", stamp(line.time), name_of(line.level).text, line.logger);
  escape_into(out, line.line, false);
  return out;
}

std::string as_json(const LogLine& line) {
  std::string out = "{";
  member_into(out, "time", stamp(line.time));
  member_into(out, "level", name_of(line.level).json);
  member_into(out, "logger", line.logger);
  const std::string_view event = event_of(line.line);
  member_into(out, "event", event);
  std::string_view rest = line.line.substr(event.size());
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  while (!rest.empty()) {
    const auto equals = rest.find('=');
    const std::string_view key = rest.substr(0, equals);
    rest.remove_prefix(equals == std::string_view::npos ? rest.size() : equals + 1);
    const std::string_view value = take_value(rest);
    if (!is_number(value)) {
      member_into(out, key, value);
      continue;
    }
    out += ",\"";
    escape_into(out, key, true);
    out += fmt::format("\":{}", value);
  }
  return out + "}";
}

}  // namespace brontes::detail
