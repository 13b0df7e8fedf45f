#include <algorithm>
#include <brontes/runtime/setting.hpp>
#include <brontes/tools/cli/arguments.hpp>
#include <charconv>
#include <numeric>

namespace brontes::cli {
namespace {

const std::vector<std::string> kNone;

const Option* find(const CommandSpec& spec, std::string_view name) {
  const auto at = std::find_if(spec.options.begin(), spec.options.end(),
                               [&](const Option& option) { return option.name == name; });
  return at == spec.options.end() ? nullptr : &*at;
}

// "--name=value" -> "--name"; "-n5" -> "-n".
std::string_view name_of(std::string_view word) {
  if (!word.starts_with("--")) return word.substr(0, 2);
  return word.substr(0, word.find('='));
}

tl::unexpected<Status> unknown_option(const CommandSpec& spec, std::string_view name) {
  std::vector<std::string> names;
  for (const Option& option : spec.options) names.push_back(option.name);
  const std::string meant = closest(name, names);
  return fail(Errc::kInvalidArgument, "unknown option '" + std::string(name) + "'" +
                                          (meant.empty() ? "; see 'brontes help " + spec.name + "'"
                                                         : "; did you mean '" + meant + "'?"));
}

Status check(const CommandSpec& spec, const Arguments& arguments) {
  for (const Option& option : spec.options)
    if (option.required && !arguments.has(option.name))
      return {Errc::kInvalidArgument, option.name + " " + option.value + " is missing"};
  const std::size_t count = arguments.positional().size();
  if (count < spec.min_arguments)
    return {Errc::kInvalidArgument, "too few arguments: '" + spec.arguments + "' is expected"};
  if (count > spec.max_arguments)
    return {Errc::kInvalidArgument,
            "'" + arguments.positional()[spec.max_arguments] + "' is one argument too many"};
  return {};
}

}  // namespace

std::string Arguments::get(const std::string& option, std::string otherwise) const {
  const auto& values = all(option);
  return values.empty() ? std::move(otherwise) : values.back();
}

const std::vector<std::string>& Arguments::all(const std::string& option) const {
  const auto at = options_.find(option);
  return at == options_.end() ? kNone : at->second;
}

Expected<std::int64_t> Arguments::number(const std::string& option, std::int64_t otherwise,
                                         std::int64_t min, std::int64_t max) const {
  if (!has(option)) return otherwise;
  const std::string text = get(option);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value >= min && value <= max)
    return value;
  return fail(Errc::kInvalidArgument, option + " takes a whole number from " + std::to_string(min) +
                                          " to " + std::to_string(max) + ", not '" + text + "'");
}

Expected<Duration> Arguments::duration(const std::string& option, Duration otherwise, Duration min,
                                       Duration max) const {
  if (!has(option)) return otherwise;
  const std::string text = get(option);
  const bool bare = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  const auto value = parse_duration(bare ? text + "ms" : text);
  if (value && *value >= min && *value <= max) return *value;
  return fail(Errc::kInvalidArgument, option + " takes a duration from " + to_string(min) + " to " +
                                          to_string(max) + ", not '" + text +
                                          "'; write 5s or 500ms; a bare number is milliseconds");
}

Expected<Arguments> parse_arguments(const CommandSpec& spec,
                                    const std::vector<std::string>& words) {
  Arguments result;
  bool options_end = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (options_end || word.size() < 2 || word[0] != '-') {
      result.positional_.push_back(word);
      continue;
    }
    if (word == "--") {
      options_end = true;
      continue;
    }
    const std::string name(name_of(word));
    const Option* option = find(spec, name);
    if (!option) return unknown_option(spec, name);
    std::string rest = word.substr(name.size());
    if (rest.starts_with('=')) rest.erase(0, 1);
    const bool attached = name.size() < word.size();
    if (option->value.empty() && attached)
      return fail(Errc::kInvalidArgument, name + " takes no value");
    if (!option->value.empty() && !attached) {
      if (i + 1 == words.size())
        return fail(Errc::kInvalidArgument, name + " needs a value: " + option->value);
      rest = words[++i];
    }
    result.options_[name].push_back(rest);
  }
  if (const Status status = check(spec, result); !status.ok()) return fail(status);
  return result;
}

std::string help(const CommandSpec& spec) {
  std::string text = "usage: brontes " + spec.name;
  for (const Option& option : spec.options)
    if (option.required) text += " " + option.name + " " + option.value;
  text += " [OPTION]... " + spec.arguments + "\n\n" + spec.summary + "\n\noptions:\n";
  for (const Option& option : spec.options) {
    std::string left = "  " + option.name + (option.value.empty() ? "" : " " + option.value);
    left.resize(std::max<std::size_t>(left.size() + 2, 22), ' ');
    text += left + option.meaning + "\n";
  }
  return text;
}

std::string closest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = word.size() < 4 ? 2 : 3;  // the first one that is too far
  for (const std::string& candidate : candidates) {
    std::vector<std::size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 0; i < word.size(); ++i) {
      std::size_t diagonal = row[0]++;
      for (std::size_t j = 0; j < candidate.size(); ++j) {
        const std::size_t change = diagonal + (word[i] == candidate[j] ? 0 : 1);
        diagonal = row[j + 1];
        row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, change});
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

}  // namespace brontes::cli
