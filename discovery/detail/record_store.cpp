#include <brontes/discovery/detail/record_store.hpp>

namespace brontes::detail {
namespace {

Status gone(LeaseId lease) {
  return {Errc::kNotFound,
          "lease " + std::to_string(lease.value) + " is not held; grant a new one"};
}

/// The keys of a service; of all services without a name.
KeySpan span_of(const Query& query) {
  if (query.name.empty()) return {"", "", true};
  return {query.name + "/", query.name + "0", false};  // '0' follows '/'
}

}  // namespace

Expected<RecordPut> RecordStore::put(LeaseId lease, const Instance& instance) {
  if (!store_.lease(lease)) return fail(gone(lease));
  const std::string key = record_key(instance);
  if (const auto found = store_.find(key)) {
    if (found->lease == lease && *found->value == instance)
      return RecordPut{key, store_.revision()};
    if (found->lease != lease && incarnation(*found->value) > incarnation(instance))
      return fail(Errc::kAlreadyExists, "key " + key + " is held by a newer process");
  }
  return RecordPut{key, store_.put(key, std::make_shared<const Instance>(instance), lease)};
}

Expected<LeaseRenewed> RecordStore::renew(LeaseId lease, TimePoint now) {
  if (!store_.renew(lease, now)) return fail(gone(lease));
  return LeaseRenewed{lease, store_.lease(lease)->ttl};
}

void RecordStore::remove(LeaseId lease, const std::string& key) {
  if (const auto found = store_.find(key); found && found->lease == lease) store_.remove(key);
}

void RecordStore::remove_all() {
  std::vector<std::string> keys;
  store_.for_each(span_of({}), [&](const auto& entry) {
    keys.push_back(entry->key);
    return true;
  });
  store_.together([&] {
    for (const std::string& key : keys) store_.remove(key);
  });
}

InstancePtr RecordStore::find(const std::string& key) const {
  const auto found = store_.find(key);
  return found ? found->value : nullptr;
}

RecordsListed RecordStore::list(const Query& query) const {
  RecordsListed result{store_.revision(), epoch_, {}};
  store_.for_each(span_of(query), [&](const auto& entry) {
    if (query.covers(entry->key))
      result.records.push_back({entry->key, entry->value, entry->revision});
    return true;
  });
  return result;
}

Expected<std::vector<RecordEvent>> RecordStore::changes_after(std::uint64_t revision,
                                                              const Query& query) const {
  if (revision < store_.compacted())
    return fail(Errc::kOutOfRange, "changes up to revision " + std::to_string(store_.compacted()) +
                                       " are compacted; list anew");
  std::vector<RecordEvent> result;
  store_.for_each_after(revision, [&](const auto& change) {
    if (query.covers(change.key()))
      result.push_back(
          {change.after ? RecordEvent::Type::kPut : RecordEvent::Type::kRemoved,
           {change.key(), (change.after ? change.after : change.before)->value, change.revision}});
    return true;
  });
  return result;
}

void RecordStore::wipe() {
  store_.wipe();
  ++epoch_;
}

}  // namespace brontes::detail
