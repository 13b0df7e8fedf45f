// A path template of google.api.http: "/v1/{name=shelves/*/books/*}:archive".
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/gateway/percent.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brontes {

/// Where a variable got its value: field path ("book.name") and text.
using PathValues = std::vector<std::pair<std::string, std::string>>;

/// A path split once, to be matched against many templates. Views into the path.
struct SplitPath {
  std::vector<std::string_view> segments;

  /// "/a/b" is {"a", "b"}, "/" is {""}. Must start with a slash.
  explicit SplitPath(std::string_view path);
};

/// Immutable, thread-safe.
class PathTemplate {
 public:
  enum class Kind { kLiteral, kOne, kRest };  ///< "shelves", "*", "**"
  struct Segment {
    Kind kind;
    std::string literal;
  };
  struct Variable {
    std::string field_path;
    std::size_t first, count;  ///< segments it spans; "**" counts as one
    bool several() const { return several_segments; }
    bool several_segments;
  };

  /// Names the place of the first mistake: "path template '/v1/{a': '}' is missing at 6".
  static Expected<PathTemplate> parse(std::string_view text);

  /// Appends what the variables got, as written in the path; false: no match, nothing appended.
  bool match(const SplitPath& path, PathDecoding decoding, PathValues& values) const;

  /// The last segment is the verb alone: "/v1/items/:cancel".
  bool has_empty_verb_target(const SplitPath& path) const;

  const std::vector<Segment>& segments() const { return segments_; }
  const std::vector<Variable>& variables() const { return variables_; }
  const std::string& verb() const { return verb_; }
  /// In one spelling: "{name}" is "{name=*}".
  std::string to_string() const;

 private:
  friend class PathTemplateParser;
  std::vector<Segment> segments_;
  std::vector<Variable> variables_;
  std::string verb_;
  int rest_ = -1;  // where "**" is
};

}  // namespace brontes
