#include <algorithm>
#include <brontes/tools/scenario/fields.hpp>
#include <brontes/tools/scenario/values.hpp>
#include <set>

namespace brontes::scenario {

void Fields::complain(const YAML::Node& node, const std::string& what) {
  complaints_.push_back(path_ + ":" + std::to_string(line_of(node)) + ": " + what);
}

Status Fields::status() const {
  if (complaints_.empty()) return {};
  const std::size_t more = complaints_.size() - 1;
  return {Errc::kInvalidArgument,
          complaints_.front() +
              (more == 0 ? "" : " (and " + std::to_string(more) + " more complaints)")};
}

std::vector<Fields::Member> Fields::members(const YAML::Node& node, const std::string& what) {
  std::vector<Member> found;
  if (!node.IsMap()) {
    complain(node, what + ": a mapping of keys to values must stand here");
    return found;
  }
  std::set<std::string> seen;
  for (const auto& member : node) {
    if (!member.first.IsScalar())
      complain(member.first, what + ": a key must be text");
    else if (!seen.insert(member.first.Scalar()).second)
      complain(member.first, what + ": '" + member.first.Scalar() + "' is there twice");
    else
      found.emplace_back(member.first, member.second);
  }
  return found;
}

void Fields::names(const YAML::Node& node, const std::string& what,
                   const std::function<void(const std::string&, const YAML::Node&)>& each) {
  for (const auto& [key, value] : members(node, what)) each(key.Scalar(), value);
}

void Fields::map(const YAML::Node& node, const std::string& what, const std::vector<Field>& table) {
  for (const auto& [key, value] : members(node, what)) {
    const std::string name = key.Scalar();
    const auto at = std::find_if(table.begin(), table.end(),
                                 [&](const Field& field) { return field.key == name; });
    if (at != table.end()) {
      at->read(value);
      continue;
    }
    std::vector<std::string> allowed;
    for (const Field& field : table) allowed.push_back(field.key);
    complain(key, what + ": '" + name + "' is no key; there are " + list(allowed));
  }
}

std::string Fields::text(const YAML::Node& node, const std::string& what) {
  if (node.IsScalar() && !node.Scalar().empty()) return node.Scalar();
  complain(node, what + ": a text must stand here");
  return {};
}

}  // namespace brontes::scenario
