// One row of the table of settings: a key bound to a typed variable. The rows of brontes and those
// of an application are alike, and one table drives parsing, --print-config, --help and the docs.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/log.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/runtime/address.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brontes {

struct Setting {
  /// "tls.cert": nested in YAML, BRONTES_TLS_CERT in the environment, --set tls.cert=... as a flag.
  /// A key that ends in ".*" is a map: the rest of the key names the entry.
  std::string key;
  std::string type;  ///< for people: "duration, 0s to 1h"
  std::string help;  ///< half a sentence
  /// Parses into the variable; `entry` is "" unless the key is a map. kInvalidArgument: why not.
  std::function<Status(std::string_view entry, const std::string& text)> assign;
  /// Whether a YAML list may be given; `assign` gets it joined by commas.
  bool is_list = false;
  /// Told who set an entry, after `assign` took it. Null: nobody wants to know.
  std::function<void(std::string_view entry, const std::string& origin)> note_origin = {};
  std::function<std::string()> show;  ///< the value as it would be written in YAML
  std::string flag;                   ///< "listen" for --listen; "" without a flag of its own
  bool secret = false;                ///< --print-config tells that it is set, not to what
  /// Who spoke last: "app.yaml:3", "BRONTES_LISTEN", "--listen"; for a map all who did.
  std::string origin = "default";

  Setting& with_flag(std::string name) {
    flag = std::move(name);
    return *this;
  }
  Setting& as_secret() {
    secret = true;
    return *this;
  }
  /// Asked before `assign`, with the same words; what it refuses is not assigned.
  Setting& with_check(std::function<Status(std::string_view entry, const std::string& text)> check);
};

/// Bounds of a number or duration, both included.
template <class T>
struct Range {
  T least;
  T most;
};

/// Rows bound to a variable, which must outlive the loading; its value is the default.
Setting setting(std::string key, std::string& variable, std::string help);
Setting setting(std::string key, bool& variable, std::string help);
Setting setting(std::string key, std::uint64_t& variable, std::string help,
                Range<std::uint64_t> range = {0, UINT64_MAX});
Setting setting(std::string key, double& variable, std::string help,
                Range<double> range = {-1e300, 1e300});
/// Written as 250ms, 3s, 2m, 1h.
Setting setting(std::string key, Duration& variable, std::string help,
                Range<Duration> range = {Duration::zero(), std::chrono::hours(24 * 365)});
Setting setting(std::string key, Address& variable, std::string help);
/// Empty text is none.
Setting setting(std::string key, std::optional<Address>& variable, std::string help);
Setting setting(std::string key, LogLevel& variable, std::string help);
Setting setting(std::string key, LogFormat& variable, std::string help);
/// A list: a YAML sequence, or text separated by commas.
Setting setting(std::string key, std::vector<std::string>& variable, std::string help);
/// A list of numbers, ascending.
Setting setting(std::string key, std::vector<double>& variable, std::string help);
/// A map: `key` gets ".*" appended.
Setting setting(std::string key, std::map<std::string, std::string>& variable, std::string help);

/// One of a few words.
template <class E>
using Words = std::vector<std::pair<std::string, E>>;
Setting word_setting(std::string key, std::string help, std::vector<std::string> words,
                     std::function<void(std::size_t)> set, std::function<std::size_t()> get);
template <class E>
Setting setting(std::string key, E& variable, std::string help, Words<E> words) {
  std::vector<std::string> names;
  for (const auto& word : words) names.push_back(word.first);
  auto get = [&variable, words] {
    std::size_t i = 0;
    while (i + 1 < words.size() && words[i].second != variable) ++i;
    return i;
  };
  auto set = [&variable, words](std::size_t i) { variable = words[i].second; };
  return word_setting(std::move(key), std::move(help), std::move(names), std::move(set),
                      std::move(get));
}

/// "250ms", "3s", "1h": the largest unit that is exact. And back.
std::string to_string(Duration duration);
/// kOutOfRange: it is one, but below zero or longer than a Duration can be; else kInvalidArgument.
Expected<Duration> parse_duration(std::string_view text);

}  // namespace brontes
