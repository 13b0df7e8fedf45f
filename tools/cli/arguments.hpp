// A command's options and arguments: what it takes, what it was given.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace brontes::cli {

struct Option {
  std::string name;   ///< "--registry", "-n"
  std::string value;  ///< what it takes, for the help: "URL"; "": a switch
  std::string meaning;
  bool required = false;
};

struct CommandSpec {
  std::string name;
  std::string arguments;  ///< for the help: "N[/V] pkg.Service/Method [JSON]"
  std::string summary;
  std::size_t min_arguments = 0, max_arguments = 0;
  std::vector<Option> options;
};

/// A value.
class Arguments {
 public:
  bool has(const std::string& option) const { return options_.contains(option); }
  /// The last one given, or `otherwise`.
  std::string get(const std::string& option, std::string otherwise = "") const;
  const std::vector<std::string>& all(const std::string& option) const;
  /// kInvalidArgument unless it is a whole number in [min, max].
  Expected<std::int64_t> number(const std::string& option, std::int64_t otherwise, std::int64_t min,
                                std::int64_t max) const;
  /// kInvalidArgument unless it is a duration, such as 5s, 500ms or 500 (ms), in
  /// [min, max].
  Expected<Duration> duration(const std::string& option, Duration otherwise, Duration min,
                              Duration max) const;
  const std::vector<std::string>& positional() const { return positional_; }

 private:
  friend Expected<Arguments> parse_arguments(const CommandSpec&, const std::vector<std::string>&);
  std::map<std::string, std::vector<std::string>> options_;
  std::vector<std::string> positional_;
};

/// Takes `--name value`, `--name=value`, `-n value` and `-nvalue`; `--` ends the options.
/// kInvalidArgument says which word is wrong, why, and what was perhaps meant.
Expected<Arguments> parse_arguments(const CommandSpec& spec, const std::vector<std::string>& words);

/// The page that `brontes help COMMAND` prints.
std::string help(const CommandSpec& spec);

/// The candidate that a typing error away from `word` is, or "".
std::string closest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace brontes::cli
