// Which records could not be read: each is named once, not with every list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace brontes::etcd {

/// Bounded; confined to one actor.
class Unreadable {
 public:
  /// Whether that version of the record is news.
  bool note(const std::string& record_key, std::int64_t revision) {
    if (known_.size() >= kLimit && !known_.contains(record_key)) known_.erase(known_.begin());
    auto& known = known_[record_key];
    if (known == revision) return false;
    known = revision;
    ++count_;
    return true;
  }
  void forget(const std::string& record_key) { known_.erase(record_key); }
  /// So far; a record counts again when it was written again.
  std::uint64_t count() const { return count_; }

 private:
  static constexpr std::size_t kLimit = 1000;
  std::map<std::string, std::int64_t> known_;
  std::uint64_t count_ = 0;
};

}  // namespace brontes::etcd
