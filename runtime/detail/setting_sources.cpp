#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <brontes/runtime/detail/setting_sources.hpp>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <system_error>

namespace brontes::detail {
namespace {

constexpr std::string_view kPrefix = "BRONTES_";

class YamlWalk {
 public:
  YamlWalk(std::string path, Mistakes& mistakes) : path_(std::move(path)), mistakes_(mistakes) {}

  /// `start` is what stands first: the key, where there is one.
  void visit(const std::string& key, const YAML::Node& node, const YAML::Node& start) {
    if (node.IsMap()) return visit_map(key, node);
    if (key.empty()) return complain(node, "the file must be a mapping of keys to values");
    if (!seen_.insert(key).second) return complain(node, key + ": set twice in this file");
    if (node.IsSequence()) return visit_sequence(key, node);
    if (node.IsNull()) return found_.push_back({key, "", at(start), true, false, depth_});
    found_.push_back({key, node.Scalar(), at(node), false, false, depth_});
  }

  void refuse_document(const YAML::Node& node) {
    complain(node, "a second YAML document begins here; settings are one document");
  }

  std::vector<Assignment> take() { return std::move(found_); }

 private:
  void visit_map(const std::string& key, const YAML::Node& node) {
    for (const auto& member : node) {
      if (!member.first.IsScalar()) {
        complain(member.first, "a key must be text");
        continue;
      }
      const std::string name = member.first.Scalar();
      ++depth_;
      visit(key.empty() ? name : key + "." + name, member.second, member.first);
      --depth_;
    }
  }

  void visit_sequence(const std::string& key, const YAML::Node& node) {
    std::string joined;
    for (const auto& item : node) {
      if (!item.IsScalar()) return complain(item, key + ": a list holds plain values only");
      if (item.Scalar().find(',') != std::string::npos)
        return complain(item,
                        key + ": '" + item.Scalar() + "': no comma may stand in a list's item");
      joined += (joined.empty() ? "" : ",") + item.Scalar();
    }
    found_.push_back({key, joined, at(node), false, true, depth_});
  }

  std::string at(const YAML::Node& node) const {
    return path_ + ":" + std::to_string(node.Mark().line + 1);
  }
  void complain(const YAML::Node& node, const std::string& what) {
    mistakes_.push_back(at(node) + ": " + what);
  }

  std::string path_;
  Mistakes& mistakes_;
  std::set<std::string> seen_;
  int depth_ = 0;  // keys around the value
  std::vector<Assignment> found_;
};

bool is_from_kubernetes(const std::string& name) {
  return name == "BRONTES_PORT" || name.starts_with("BRONTES_PORT_") ||
         name.starts_with("BRONTES_SERVICE_");
}

/// The key of a variable: the row's own, or an entry of a map row, in lower case.
std::string key_of(const std::string& name, const std::vector<Setting>& rows) {
  for (const auto& row : rows)
    if (variable_of(row.key) == name) return row.key;
  for (const auto& row : rows) {
    const std::string prefix = variable_of(row.key);
    if (!row.key.ends_with(".*") || !name.starts_with(prefix)) continue;
    std::string entry = name.substr(prefix.size());
    std::transform(entry.begin(), entry.end(), entry.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    if (!entry.empty()) return row.key.substr(0, row.key.size() - 1) + entry;
  }
  return {};
}

std::size_t distance(const std::string& a, const std::string& b) {  // Levenshtein
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

class FlagWalk {
 public:
  FlagWalk(const std::vector<std::string>& args, const std::vector<Setting>& rows,
           Mistakes& mistakes)
      : args_(args), rows_(rows), mistakes_(mistakes) {}

  Flags walk() {
    while (at_ < args_.size()) step(args_[at_++]);
    return std::move(flags_);
  }

 private:
  void step(const std::string& arg) {
    const auto equals = arg.find('=');
    const std::string name = arg.substr(0, equals);
    inline_value_ =
        equals == std::string::npos ? std::nullopt : std::optional(arg.substr(equals + 1));
    if (arg == "--help" || arg == "-h") return void(flags_.help = true);
    if (arg == "--print-config") return void(flags_.print = true);
    if (name == "--config") return config();
    if (name == "--set") return set();
    for (const auto& row : rows_)
      if (!row.flag.empty() && name == "--" + row.flag) return of_row(row, name);
    if (!name.starts_with("-"))
      return mistakes_.push_back("'" + arg + "': is no flag; --help lists them");
    if (name == "--help" || name == "--print-config")
      return mistakes_.push_back(name + ": takes no value");
    mistakes_.push_back(name + ": no such flag" + suggestion(name, known()) +
                        "; --help lists them");
    // What follows was probably meant as its value: one mistake, not two.
    if (!inline_value_ && at_ < args_.size() && !args_[at_].starts_with("-")) ++at_;
  }

  void config() {
    flags_.config = value("--config");
    if (flags_.config && flags_.config->empty())
      mistakes_.push_back("--config: the name of the file is empty");
  }

  void of_row(const Setting& row, const std::string& name) {
    const bool is_switch = detail::is_switch(row) && !inline_value_;
    if (const auto text = is_switch ? std::optional<std::string>("true") : value(name))
      flags_.assignments.push_back({row.key, *text, name});
  }

  void set() {
    const auto text = value("--set");
    if (!text) return;
    const auto equals = text->find('=');
    if (equals == std::string::npos || equals == 0)
      return mistakes_.push_back("--set " + *text + ": must be --set key=value");
    flags_.assignments.push_back({text->substr(0, equals), text->substr(equals + 1), "--set"});
  }

  /// Of the flag before; none is a mistake.
  std::optional<std::string> value(const std::string& name) {
    if (inline_value_) return inline_value_;
    if (at_ < args_.size()) return args_[at_++];
    mistakes_.push_back(name + ": a value must follow");
    return std::nullopt;
  }

  std::vector<std::string> known() const {
    std::vector<std::string> names = {"--help", "--print-config", "--config", "--set"};
    for (const auto& row : rows_)
      if (!row.flag.empty()) names.push_back("--" + row.flag);
    return names;
  }

  const std::vector<std::string>& args_;
  const std::vector<Setting>& rows_;
  Mistakes& mistakes_;
  std::size_t at_ = 0;
  std::optional<std::string> inline_value_;
  Flags flags_;
};

/// 0, or errno.
int read_file(const std::string& path, std::string& text) {
  errno = 0;
  std::ifstream file(path);
  file.peek();  // opening a folder succeeds, reading it does not
  if (!file && !file.eof()) return errno != 0 ? errno : EIO;
  text.assign(std::istreambuf_iterator<char>(file), {});
  return 0;
}

std::string hint_for(const std::string& yaml_error) {
  if (yaml_error.find("illegal map value") == std::string::npos) return {};
  return "; text that holds ': ' or ends with ':' needs quotes";
}

}  // namespace

std::vector<Assignment> read_yaml(const std::string& path, Mistakes& mistakes) {
  std::string text;
  if (const int why = read_file(path, text); why != 0) {
    mistakes.push_back(path + ": cannot be read: " + std::generic_category().message(why));
    return {};
  }
  try {
    YamlWalk walk(path, mistakes);
    const auto documents = YAML::LoadAll(text);
    for (std::size_t i = 0; i < documents.size(); ++i) {
      if (i > 0) walk.refuse_document(documents[i]);
      if (!documents[i].IsNull()) walk.visit("", documents[i], documents[i]);
    }
    return walk.take();
  } catch (const YAML::Exception& error) {
    mistakes.push_back(path + ":" + std::to_string(error.mark.line + 1) +
                       ": not well-formed YAML: " + error.msg + hint_for(error.msg));
    return {};
  }
}

namespace {

std::string unknown_variable(const std::string& name, const std::vector<std::string>& known) {
  std::string meant = suggestion(name.substr(kPrefix.size()), known, kPrefix);
  if (meant.ends_with("_?")) meant.insert(meant.size() - 1, "NAME");  // of a map
  return name + ": no such setting" +
         (meant.empty() ? "; --help lists them, no other variable may begin with BRONTES_" : meant);
}

}  // namespace

std::vector<Assignment> read_environment(const std::map<std::string, std::string>& environment,
                                         const std::vector<Setting>& rows, Mistakes& mistakes) {
  std::vector<Assignment> found;
  // Compared without the prefix: what all have in common is no likeness.
  std::vector<std::string> known = {"CONFIG"};
  for (const auto& row : rows) known.push_back(variable_of(row.key).substr(kPrefix.size()));
  for (const auto& [name, value] : environment) {
    if (!name.starts_with(kPrefix) || name == "BRONTES_CONFIG" || is_from_kubernetes(name))
      continue;
    const std::string key = key_of(name, rows);
    if (key.empty())
      mistakes.push_back(unknown_variable(name, known));
    else
      found.push_back({key, value, name});
  }
  return found;
}

Flags read_flags(const std::vector<std::string>& args, const std::vector<Setting>& rows,
                 Mistakes& mistakes) {
  return FlagWalk(args, rows, mistakes).walk();
}

bool is_switch(const Setting& row) { return row.type == "true or false"; }

Setting* find_row(std::vector<Setting>& rows, const std::string& key, std::string& entry) {
  entry.clear();
  for (auto& row : rows) {
    if (row.key == key) return &row;
    if (!row.key.ends_with(".*")) continue;
    const std::string prefix = row.key.substr(0, row.key.size() - 1);
    if (!key.starts_with(prefix) || key.size() == prefix.size()) continue;
    entry = key.substr(prefix.size());
    return &row;
  }
  return nullptr;
}

std::string suggestion(const std::string& wrong, const std::vector<std::string>& known,
                       std::string_view prefix) {
  const auto nearest = std::min_element(known.begin(), known.end(), [&](auto& a, auto& b) {
    return distance(wrong, a) < distance(wrong, b);
  });
  if (nearest == known.end() ||
      distance(wrong, *nearest) > std::max<std::size_t>(2, wrong.size() / 3))
    return {};
  return "; did you mean " + std::string(prefix) + *nearest + "?";
}

std::string variable_of(const std::string& key) {
  std::string name(kPrefix);
  for (const unsigned char c : key)
    if (c != '*') name += c == '.' ? '_' : static_cast<char>(std::toupper(c));
  return name;
}

}  // namespace brontes::detail
