#include <algorithm>
#include <array>
#include <brontes/runtime/setting.hpp>
#include <charconv>
#include <cmath>

namespace brontes {
namespace {

using namespace std::chrono_literals;

struct Unit {
  std::string_view name;
  Duration size;
};
constexpr std::array<Unit, 6> kUnits = {
    {{"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}, {"us", 1us}, {"ns", 1ns}}};

Status not_a(const std::string& text, const std::string& what) {
  return {Errc::kInvalidArgument, "'" + text + "' is not " + what};
}

std::string in_quotes(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out + "\"";
}

std::string show_number(double number) { return fmt::format("{}", number); }
std::string show_number(std::uint64_t number) { return std::to_string(number); }
std::string show_number(Duration number) { return to_string(number); }

/// "number, 0 to 65535"; one-sided or without bounds where the type's own limit is the bound.
template <class T>
std::string bounded(const std::string& what, const Range<T>& range, T endless) {
  if (range.most == endless) return what;
  return what + ", " + show_number(range.least) + " to " + show_number(range.most);
}

template <class T>
Status out_of_range(const std::string& text, const Range<T>& range) {
  return {Errc::kInvalidArgument, "'" + text + "' is out of range, " + show_number(range.least) +
                                      " to " + show_number(range.most)};
}

template <class T>
Status within(const std::string& text, T value, const Range<T>& range, T& variable) {
  if (value < range.least || range.most < value) return out_of_range(text, range);
  variable = value;
  return {};
}

/// Of any size, negative ones too: what cannot be held is out of range, not of another type.
bool is_whole_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// kOutOfRange: it is one, but no double can hold it; else kInvalidArgument.
Expected<double> parse_decimal(const std::string& text) {
  const char* last = text.data() + text.size();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (end != last || error == std::errc::invalid_argument || !std::isfinite(value))
    return fail(not_a(text, "a decimal number"));
  if (error != std::errc()) return fail(Errc::kOutOfRange, "'" + text + "' is out of range");
  return value;
}

Setting row(std::string key, std::string type, std::string help) {
  Setting made;
  made.key = std::move(key);
  made.type = std::move(type);
  made.help = std::move(help);
  return made;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < text.size();) {
    const auto comma = std::min(text.find(',', at), text.size());
    if (comma > at) parts.push_back(text.substr(at, comma - at));
    at = comma + 1;
  }
  return parts;
}

}  // namespace

Setting& Setting::with_check(
    std::function<Status(std::string_view entry, const std::string& text)> check) {
  assign = [check = std::move(check), take = std::move(assign)](std::string_view entry,
                                                                const std::string& text) {
    const Status status = check(entry, text);
    return status.ok() ? take(entry, text) : status;
  };
  return *this;
}

std::string to_string(Duration duration) {
  for (const auto& unit : kUnits)
    if (duration.count() != 0 && duration % unit.size == Duration::zero())
      return std::to_string(duration / unit.size) + std::string(unit.name);
  return "0s";
}

Expected<Duration> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view rest(end, text.data() + text.size() - end);
  const auto unit = std::find_if(kUnits.begin(), kUnits.end(),
                                 [&](const Unit& each) { return each.name == rest; });
  if (error == std::errc::invalid_argument || unit == kUnits.end())
    return fail(not_a(std::string(text), "a duration such as 250ms, 3s, 2m or 1h"));
  if (error != std::errc() || count < 0 || count > Duration::max() / unit->size)
    return fail(Errc::kOutOfRange, "'" + std::string(text) + "' is out of range");
  return unit->size * count;
}

Setting setting(std::string key, std::string& variable, std::string help) {
  auto made = row(std::move(key), "text", std::move(help));
  made.assign = [&variable](auto, const std::string& text) {
    variable = text;
    return Status();
  };
  made.show = [&variable] { return in_quotes(variable); };
  return made;
}

Setting setting(std::string key, bool& variable, std::string help) {
  return setting(std::move(key), variable, std::move(help),
                 Words<bool>{{"true", true}, {"false", false}});
}

Setting setting(std::string key, std::uint64_t& variable, std::string help,
                Range<std::uint64_t> range) {
  auto made =
      row(std::move(key), bounded<std::uint64_t>("number", range, UINT64_MAX), std::move(help));
  made.assign = [&variable, range](auto, const std::string& text) {
    std::uint64_t value = 0;
    const char* last = text.data() + text.size();
    if (text.size() > 1 && text.front() == '0')  // octal to some readers of YAML
      return not_a(text, "a whole number without leading zeros");
    const auto [end, error] = std::from_chars(text.data(), last, value);
    if (error != std::errc() || end != last)
      return is_whole_number(text) ? out_of_range(text, range) : not_a(text, "a whole number");
    return within(text, value, range, variable);
  };
  made.show = [&variable] { return show_number(variable); };
  return made;
}

Setting setting(std::string key, double& variable, std::string help, Range<double> range) {
  auto made = row(std::move(key), bounded<double>("decimal", range, 1e300), std::move(help));
  made.assign = [&variable, range](auto, const std::string& text) {
    const auto value = parse_decimal(text);
    if (value) return within(text, *value, range, variable);
    return value.error().code() == Errc::kOutOfRange ? out_of_range(text, range) : value.error();
  };
  made.show = [&variable] { return show_number(variable); };
  return made;
}

Setting setting(std::string key, Duration& variable, std::string help, Range<Duration> range) {
  auto made =
      row(std::move(key), bounded<Duration>("duration", range, std::chrono::hours(24 * 365)),
          std::move(help));
  made.assign = [&variable, range](auto, const std::string& text) {
    const auto value = parse_duration(text);
    if (value) return within(text, *value, range, variable);
    return value.error().code() == Errc::kOutOfRange ? out_of_range(text, range) : value.error();
  };
  made.show = [&variable] { return to_string(variable); };
  return made;
}

Setting setting(std::string key, Address& variable, std::string help) {
  auto made = row(std::move(key), "host:port", std::move(help));
  made.assign = [&variable](auto, const std::string& text) {
    auto value = parse_address(text);
    if (!value) return value.error();
    variable = std::move(*value);
    return Status();
  };
  made.show = [&variable] { return in_quotes(variable.to_string()); };
  return made;
}

Setting setting(std::string key, std::optional<Address>& variable, std::string help) {
  auto made = row(std::move(key), "host:port", std::move(help));
  made.assign = [&variable](auto, const std::string& text) {
    auto value = text.empty() ? Address{} : parse_address(text);
    if (!value) return value.error();
    variable = text.empty() ? std::nullopt : std::optional(std::move(*value));
    return Status();
  };
  made.show = [&variable] { return in_quotes(variable ? variable->to_string() : ""); };
  return made;
}

Setting setting(std::string key, LogLevel& variable, std::string help) {
  return setting(std::move(key), variable, std::move(help),
                 Words<LogLevel>{{"debug", LogLevel::kDebug},
                                 {"info", LogLevel::kInfo},
                                 {"warn", LogLevel::kWarn},
                                 {"error", LogLevel::kError},
                                 {"off", LogLevel::kOff}});
}

Setting setting(std::string key, LogFormat& variable, std::string help) {
  return setting(std::move(key), variable, std::move(help),
                 Words<LogFormat>{{"text", LogFormat::kText}, {"json", LogFormat::kJson}});
}

Setting setting(std::string key, std::vector<std::string>& variable, std::string help) {
  auto made = row(std::move(key), "list of text", std::move(help));
  made.is_list = true;
  made.assign = [&variable](auto, const std::string& text) {
    variable = split(text);
    return Status();
  };
  made.show = [&variable] {
    std::string out;
    for (const auto& item : variable) out += (out.empty() ? "" : ", ") + in_quotes(item);
    return "[" + out + "]";
  };
  return made;
}

Setting setting(std::string key, std::vector<double>& variable, std::string help) {
  auto made = row(std::move(key), "list of numbers, ascending", std::move(help));
  made.is_list = true;
  made.assign = [&variable](auto, const std::string& text) {
    std::vector<double> values;
    for (std::string item : split(text)) {
      item.erase(0, item.find_first_not_of(' '));
      const auto value = parse_decimal(item);
      if (!value) return Status(Errc::kInvalidArgument, value.error().message());
      if (!values.empty() && *value <= values.back())
        return not_a(
            text, "ascending: " + show_number(*value) + " follows " + show_number(values.back()));
      values.push_back(*value);
    }
    variable = std::move(values);
    return Status();
  };
  made.show = [&variable] {
    std::string out;
    for (const double item : variable) out += (out.empty() ? "" : ", ") + show_number(item);
    return "[" + out + "]";
  };
  return made;
}

Setting setting(std::string key, std::map<std::string, std::string>& variable, std::string help) {
  auto made = row(std::move(key) + ".*", "map to text", std::move(help));
  made.assign = [&variable](std::string_view entry, const std::string& text) {
    variable[std::string(entry)] = text;
    return Status();
  };
  made.show = [&variable] {
    std::string out;
    for (const auto& [name, value] : variable)
      out += (out.empty() ? "" : ", ") + in_quotes(name) + ": " + in_quotes(value);
    return "{" + out + "}";
  };
  return made;
}

Setting word_setting(std::string key, std::string help, std::vector<std::string> words,
                     std::function<void(std::size_t)> set, std::function<std::size_t()> get) {
  std::string type;
  for (const auto& word : words) type += (type.empty() ? "" : " or ") + word;
  auto made = row(std::move(key), type, std::move(help));
  made.assign = [words, set = std::move(set), type](auto, const std::string& text) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i] != text) continue;
      set(i);
      return Status();
    }
    return not_a(text, type);
  };
  made.show = [words, get = std::move(get)] { return words[get()]; };
  return made;
}

}  // namespace brontes
