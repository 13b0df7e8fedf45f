// Where a record stands in etcd: PREFIX/name/version/id, or PREFIX/name/id; and reading what stands
// there. The contract with hephfx.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/discovery/instance.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace brontes::etcd {

/// "hestia", "/hestia" and "/hestia/" are "/hestia"; "" and "/" are "/", as in hephfx.
/// kInvalidArgument: blanks and control characters; doubled slashes, which hephfx's two sides read
/// differently.
Expected<std::string> normal_prefix(std::string_view prefix);

/// Keys from `begin` up to, but not with, `end`; only `begin` if `end` is empty.
struct KeyRange {
  std::string begin, end;
};

class Keys {
 public:
  /// A prefix from normal_prefix().
  explicit Keys(const std::string& prefix) : root_(prefix + "/") {}

  std::string key(std::string_view record_key) const { return root_ + std::string(record_key); }
  KeyRange range(const Query& query) const;
  /// Of the random value that tells one life of the data from the next. No record can have it.
  std::string mark() const { return root_ + "_epoch"; }
  /// The record key of a key; nothing for one that no record can have.
  std::optional<std::string> record_key(std::string_view key) const;

 private:
  std::string root_;
};

/// kInvalidArgument when it is no record, or the record of another key.
Expected<Instance> read_record(std::string_view record_key, std::string_view value);

}  // namespace brontes::etcd
