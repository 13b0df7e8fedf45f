// What a registry with leases, revisions and history does, without actors and with time as an
// argument: the heart of the memory registry.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/discovery/registry.hpp>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace brontes::detail {

/// Revisions start at 1 and grow by one per change; records that leave together share one.
class RecordStore {
 public:
  /// Remembers that many changes; older ones are compacted.
  explicit RecordStore(std::size_t history_limit) : history_limit_(history_limit) {}

  LeaseGranted grant(std::chrono::seconds ttl, TimePoint now);
  Expected<RecordPut> put(LeaseId lease, const Instance& instance);
  Expected<LeaseRenewed> renew(LeaseId lease, TimePoint now);
  void revoke(LeaseId lease);
  void remove(LeaseId lease, const std::string& key);
  /// Revokes the leases whose time is over.
  void lapse(TimePoint now);
  /// When the next lease lapses; TimePoint::max() without leases.
  TimePoint next_lapse() const;

  RecordsListed list(const Query& query) const;
  /// What came after the revision, in order. kOutOfRange when some of it is forgotten.
  Expected<std::vector<RecordEvent>> changes_after(std::uint64_t revision,
                                                   const Query& query) const;

  /// Forgets the changes up to and including the revision.
  void compact(std::uint64_t revision);
  /// Forgets everything; a new epoch begins at revision 1.
  void wipe();

  std::uint64_t revision() const { return revision_; }
  std::uint64_t epoch() const { return epoch_; }
  bool holds(const std::string& key) const { return records_.contains(key); }
  std::size_t record_count() const { return records_.size(); }

 private:
  struct Lease {
    std::chrono::seconds ttl{};
    TimePoint deadline;
    std::set<std::string> keys;
  };
  struct Stored {
    Record record;
    LeaseId lease;
  };
  void note(RecordEvent event);
  void drop(const std::string& key);

  std::size_t history_limit_;
  std::uint64_t revision_ = 1;
  std::uint64_t epoch_ = 1;
  std::uint64_t compacted_ = 0;  ///< changes up to here are forgotten
  std::int64_t last_lease_ = 0;  ///< survives a wipe: an old lease never means a new one
  std::map<std::string, Stored> records_;
  std::map<LeaseId, Lease> leases_;
  std::set<std::pair<TimePoint, LeaseId>> deadlines_;
  std::deque<RecordEvent> history_;
};

}  // namespace brontes::detail
