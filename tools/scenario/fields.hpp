// Reads mappings of YAML by tables of keys, and keeps what is wrong with them.
#pragma once

#include <yaml-cpp/yaml.h>

#include <brontes/actors/status.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brontes::scenario {

/// A key that may stand in a mapping.
struct Field {
  std::string key;
  std::function<void(const YAML::Node&)> read;
};

/// Where one stands in a file. `what` names the place: "peers.c".
class Fields {
 public:
  explicit Fields(std::string path) : path_(std::move(path)) {}

  /// Complains of keys that are not in the table, or are there twice.
  void map(const YAML::Node& node, const std::string& what, const std::vector<Field>& table);
  /// `each(name, value)` for all keys, which are free but unique.
  void names(const YAML::Node& node, const std::string& what,
             const std::function<void(const std::string&, const YAML::Node&)>& each);
  /// `parse(text)` gives an Expected whose error says what may stand there; nothing if it fails.
  template <class Parse>
  auto scalar(const YAML::Node& node, const std::string& what, Parse parse)
      -> decltype(parse(std::string()));
  std::string text(const YAML::Node& node, const std::string& what);

  void complain(const YAML::Node& node, const std::string& what);
  /// The first complaint, and how many more there are; OK: there is none.
  Status status() const;

 private:
  using Member = std::pair<YAML::Node, YAML::Node>;  // key and value
  std::vector<Member> members(const YAML::Node& node, const std::string& what);

  std::string path_;
  std::vector<std::string> complaints_;
};

template <class Parse>
auto Fields::scalar(const YAML::Node& node, const std::string& what, Parse parse)
    -> decltype(parse(std::string())) {
  const std::string written = node.IsScalar() ? node.Scalar() : "";
  auto value = parse(written);
  if (value && node.IsScalar()) return value;
  const std::string allowed = value ? "plain text" : value.error().message();
  complain(node, what + ": " + (node.IsScalar() ? "'" + written + "'" : "what stands there") +
                     " is not " + allowed);
  return fail(Errc::kInvalidArgument, allowed);
}

inline int line_of(const YAML::Node& node) { return node.Mark().line + 1; }

}  // namespace brontes::scenario
