// Reads the JSON text of a record, member by member, into an Instance. The words are those of
// nlohmann_json's SAX interface, so no tree is built but for metadata that is no text.
#pragma once

#include <brontes/discovery/instance.hpp>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace brontes::detail {

/// As Go's decoder reads it into a struct: members in any order and any case, unknown ones and
/// nulls are no news, of repeated ones the last wins, repeated objects are merged. One text each.
class RecordReader {
 public:
  using Json = nlohmann::json;
  enum class Member { kUnknown, kText, kWeight, kHealthy, kTags, kMetadata };

  explicit RecordReader(Instance& into) : into_(into) {}

  /// The first member of a wrong type; only of use when the whole text could be read.
  const Status& problem() const { return problem_; }
  /// Whether the text is an object, or null, which is an empty one.
  bool is_object() const { return is_object_; }

  bool null() { return value(nullptr); }
  bool boolean(bool is) { return value(is); }
  bool number_integer(Json::number_integer_t number) { return value(number); }
  bool number_unsigned(Json::number_unsigned_t number) { return value(number); }
  bool number_float(Json::number_float_t number, const std::string&) { return value(number); }
  bool string(std::string& text);
  bool binary(Json::binary_t&) { return false; }
  bool start_object(std::size_t) { return begin(Json::object()); }
  bool start_array(std::size_t) { return begin(Json::array()); }
  bool end_object() { return end(); }
  bool end_array() { return end(); }
  bool key(std::string& text);
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) {
    return false;
  }

 private:
  static constexpr std::size_t kMaxDepth = 64;  ///< printing nested metadata takes stack

  bool value(Json value);
  bool begin(Json container);
  bool end();
  void take_member(const Json& value);
  void take_entry(const Json& value);
  void add_to_tree(Json value);
  void refuse(const char* why, const std::string& entry = {});

  Instance& into_;
  Status problem_;
  bool is_object_ = false;
  std::size_t open_ = 0;  ///< objects and arrays that are not closed yet
  Member member_ = Member::kUnknown;
  std::string Instance::*text_ = nullptr;  ///< of a kText
  std::string name_;                       ///< of the member, as it is written
  std::string entry_;                      ///< its key in tags or metadata
  bool in_map_ = false;                    ///< between the braces of tags or metadata
  /// Containers of a metadata value that are not closed yet, each with its key in the one around.
  std::vector<std::pair<std::string, Json>> tree_;
  std::string tree_key_;  ///< of what comes next
};

}  // namespace brontes::detail
