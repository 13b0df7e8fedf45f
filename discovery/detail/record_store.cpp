#include <algorithm>
#include <brontes/discovery/detail/record_store.hpp>

namespace brontes::detail {
namespace {

Status gone(LeaseId lease) {
  return {Errc::kNotFound,
          "lease " + std::to_string(lease.value) + " is not held; grant a new one"};
}

}  // namespace

LeaseGranted RecordStore::grant(std::chrono::seconds ttl, TimePoint now) {
  const LeaseId id{++last_lease_};
  const TimePoint deadline = now + ttl;
  leases_.emplace(id, Lease{ttl, deadline, {}});
  deadlines_.emplace(deadline, id);
  return {id, ttl};
}

Expected<RecordPut> RecordStore::put(LeaseId lease, const Instance& instance) {
  const auto holder = leases_.find(lease);
  if (holder == leases_.end()) return fail(gone(lease));
  const std::string key = record_key(instance);
  const auto found = records_.find(key);
  if (found != records_.end()) {
    Stored& stored = found->second;
    if (stored.lease == lease && *stored.record.instance == instance)
      return RecordPut{key, revision_};
    if (stored.lease != lease && incarnation(*stored.record.instance) > incarnation(instance))
      return fail(Errc::kAlreadyExists, "key " + key + " is held by a newer process");
    if (const auto old = leases_.find(stored.lease); old != leases_.end())
      old->second.keys.erase(key);
  }
  const Record record{key, std::make_shared<const Instance>(instance), ++revision_};
  records_.insert_or_assign(key, Stored{record, lease});
  holder->second.keys.insert(key);
  note({RecordEvent::Type::kPut, record});
  return RecordPut{key, revision_};
}

Expected<LeaseRenewed> RecordStore::renew(LeaseId lease, TimePoint now) {
  const auto found = leases_.find(lease);
  if (found == leases_.end()) return fail(gone(lease));
  deadlines_.erase({found->second.deadline, lease});
  found->second.deadline = now + found->second.ttl;
  deadlines_.emplace(found->second.deadline, lease);
  return LeaseRenewed{lease, found->second.ttl};
}

void RecordStore::revoke(LeaseId lease) {
  const auto found = leases_.find(lease);
  if (found == leases_.end()) return;
  const Lease ended = std::move(found->second);
  leases_.erase(found);
  deadlines_.erase({ended.deadline, lease});
  if (ended.keys.empty()) return;
  ++revision_;
  for (const std::string& key : ended.keys) drop(key);
}

void RecordStore::remove(LeaseId lease, const std::string& key) {
  const auto found = records_.find(key);
  if (found == records_.end() || found->second.lease != lease) return;
  if (const auto holder = leases_.find(lease); holder != leases_.end())
    holder->second.keys.erase(key);
  ++revision_;
  drop(key);
}

void RecordStore::lapse(TimePoint now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now)
    revoke(deadlines_.begin()->second);
}

TimePoint RecordStore::next_lapse() const {
  return deadlines_.empty() ? TimePoint::max() : deadlines_.begin()->first;
}

RecordsListed RecordStore::list(const Query& query) const {
  RecordsListed result{revision_, epoch_, {}};
  const std::string prefix = query.name.empty() ? "" : query.name + "/";
  for (auto it = records_.lower_bound(prefix); it != records_.end(); ++it) {
    if (!it->first.starts_with(prefix)) break;
    if (query.covers(it->first)) result.records.push_back(it->second.record);
  }
  return result;
}

Expected<std::vector<RecordEvent>> RecordStore::changes_after(std::uint64_t revision,
                                                              const Query& query) const {
  if (revision < compacted_)
    return fail(Errc::kOutOfRange, "changes up to revision " + std::to_string(compacted_) +
                                       " are compacted; list anew");
  std::vector<RecordEvent> result;
  const auto first = std::partition_point(
      history_.begin(), history_.end(),
      [&](const RecordEvent& event) { return event.record.revision <= revision; });
  std::copy_if(first, history_.end(), std::back_inserter(result),
               [&](const RecordEvent& event) { return query.covers(event.record.key); });
  return result;
}

void RecordStore::compact(std::uint64_t revision) {
  compacted_ = std::max(compacted_, std::min(revision, revision_));
  while (!history_.empty() && history_.front().record.revision <= compacted_) history_.pop_front();
}

void RecordStore::wipe() {
  *this = [this] {
    RecordStore empty(history_limit_);
    empty.epoch_ = epoch_ + 1;
    empty.last_lease_ = last_lease_;
    return empty;
  }();
}

void RecordStore::note(RecordEvent event) {
  history_.push_back(std::move(event));
  // A revision is forgotten whole, so that what is replayed is whole.
  while (history_.size() > history_limit_) compact(history_.front().record.revision);
}

void RecordStore::drop(const std::string& key) {
  const auto found = records_.find(key);
  if (found == records_.end()) return;
  Record last = std::move(found->second.record);
  records_.erase(found);
  last.revision = revision_;
  note({RecordEvent::Type::kRemoved, std::move(last)});
}

}  // namespace brontes::detail
