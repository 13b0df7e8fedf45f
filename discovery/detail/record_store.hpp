// The records of a memory registry: who may put what under which lease.
#pragma once

#include <brontes/discovery/revision_store.hpp>
#include <string>
#include <vector>

namespace brontes::detail {

class RecordStore {
 public:
  explicit RecordStore(std::size_t history_limit) : store_(history_limit) {}

  LeaseGranted grant(std::chrono::seconds ttl, TimePoint now) {
    return {store_.grant(ttl, now), ttl};
  }
  Expected<RecordPut> put(LeaseId lease, const Instance& instance);
  Expected<LeaseRenewed> renew(LeaseId lease, TimePoint now);
  void revoke(LeaseId lease) { store_.revoke(lease); }
  void remove(LeaseId lease, const std::string& key);
  void remove_all();  ///< in one revision; the leases stay
  void lapse(TimePoint now) { store_.lapse(now); }
  TimePoint next_lapse() const { return store_.next_lapse(); }

  RecordsListed list(const Query& query) const;
  /// What came after the revision, in order. kOutOfRange when some of it is forgotten.
  Expected<std::vector<RecordEvent>> changes_after(std::uint64_t revision,
                                                   const Query& query) const;

  void compact(std::uint64_t revision) { store_.compact(revision); }
  /// Forgets everything; a new epoch begins at revision 1.
  void wipe();

  std::uint64_t revision() const { return store_.revision(); }
  std::uint64_t epoch() const { return epoch_; }
  /// Null: there is no such record.
  InstancePtr find(const std::string& key) const;
  bool holds(const std::string& key) const { return store_.find(key) != nullptr; }
  std::size_t record_count() const { return store_.size(); }

 private:
  RevisionStore<InstancePtr> store_;
  std::uint64_t epoch_ = 1;
};

}  // namespace brontes::detail
