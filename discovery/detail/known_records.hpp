// Records by key, kept small: a process may know a hundred thousand of them for as long as it runs.
#pragma once

#include <brontes/discovery/registry.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace brontes::detail {

/// What is known of one record. Its key is as a rule made of the instance's own texts, so it is
/// only kept where it is not.
struct KnownRecord {
  InstancePtr instance;  ///< never null
  std::uint64_t revision = 0;
  std::unique_ptr<const std::string> odd_key = {};

  std::string key() const { return odd_key ? *odd_key : record_key(*instance); }
  Record record() const { return {key(), instance, revision}; }
};

/// Where a record stands among others; without putting its key together.
struct ByRecordKey {
  using is_transparent = void;
  bool operator()(const KnownRecord& a, const KnownRecord& b) const;
  bool operator()(const KnownRecord& a, std::string_view key) const;
  bool operator()(std::string_view key, const KnownRecord& b) const;
};

/// In the order of the keys, as registries list them. Confined to one actor.
class KnownRecords {
 public:
  using Set = std::set<KnownRecord, ByRecordKey>;

  /// Null when there is none.
  const KnownRecord* find(std::string_view key) const;
  /// In place of what was known under its key. Takes constant time when nothing comes after it.
  void put(const Record& record);
  bool erase(std::string_view key);
  void clear() { records_.clear(); }

  std::size_t size() const { return records_.size(); }
  bool empty() const { return records_.empty(); }
  Set::const_iterator begin() const { return records_.begin(); }
  Set::const_iterator end() const { return records_.end(); }

 private:
  Set::const_iterator place(std::string_view key) const;  ///< the first that is not before it
  Set records_;
};

}  // namespace brontes::detail
