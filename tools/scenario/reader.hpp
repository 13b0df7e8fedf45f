// The parts of a scenario file, each read into closures over a World.
#pragma once

#include <brontes/tools/scenario/fields.hpp>
#include <brontes/tools/scenario/script.hpp>
#include <map>
#include <string>
#include <vector>

namespace brontes::scenario {

/// "w" stands for w1 to w10 if there is a count, else for itself.
using Groups = std::map<std::string, std::vector<std::string>>;

/// What is known while a file is read.
struct Reader {
  Fields fields;
  Groups peers, callers;

  /// Complains if there is none of that name.
  std::vector<std::string> find(const Groups& groups, const std::string& name,
                                const YAML::Node& node, const std::string& what);
};

void read_peers(Reader& reader, const YAML::Node& node, std::vector<Act>& setup);
void read_callers(Reader& reader, const YAML::Node& node, std::vector<Act>& setup);
/// `registry:` of the beginning; `ttl` may stand there.
void read_registry(Reader& reader, const YAML::Node& node, WorldOptions& world,
                   std::vector<Act>& setup);

/// `peers:`, `callers:` and `registry:` of a step.
void change_peers(Reader& reader, const YAML::Node& node, std::vector<Act>& acts);
void change_callers(Reader& reader, const YAML::Node& node, std::vector<Act>& acts);
void change_registry(Reader& reader, const YAML::Node& node, std::vector<Act>& acts);
void read_expect(Reader& reader, const YAML::Node& node, std::vector<Expectation>& expected);

/// "NAME1" to "NAMEn" for a count of n.
std::vector<std::string> names_of(const std::string& name, std::uint64_t count);

/// A row of a table: parses the value, then hands it over.
template <class Parse, class Use>
Field field(Reader& reader, const std::string& where, const std::string& key, Parse parse,
            Use use) {
  return {key, [&reader, what = where + "." + key, parse, use](const YAML::Node& node) {
            if (auto value = reader.fields.scalar(node, what, parse)) use(*value);
          }};
}

}  // namespace brontes::scenario
