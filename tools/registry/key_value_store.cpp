#include "key_value_store.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "request_form.hpp"

namespace brontes::registry {
namespace {

constexpr std::int64_t kShortestTtl = 2;  // as etcd with its default election timeout
constexpr std::int64_t kLongestTtl = 9'000'000'000;

const Status kNoLease{Errc::kNotFound, "etcdserver: requested lease not found"};
const Status kCompacted{Errc::kOutOfRange,
                        "etcdserver: mvcc: required revision has been compacted"};
const Status kFuture{Errc::kOutOfRange, "etcdserver: mvcc: required revision is a future revision"};

/// `limit` 0: none.
bool within(std::uint64_t revision, std::int64_t least, std::int64_t limit) {
  const auto value = static_cast<std::int64_t>(revision);
  return value >= least && (limit == 0 || value <= limit);
}

/// etcd sorts by another target than the key even when no order is asked.
bool is_sorted_by_key(const api::RangeRequest& request) {
  return request.sort_order() == api::RangeRequest::NONE &&
         request.sort_target() == api::RangeRequest::KEY;
}

void sort(std::vector<Store::EntryPtr>& entries, const api::RangeRequest& request) {
  using Request = api::RangeRequest;
  if (is_sorted_by_key(request)) return;
  const auto less = [target = request.sort_target()](const auto& a, const auto& b) {
    switch (target) {
      case Request::VERSION:
        return a->version < b->version;
      case Request::CREATE:
        return a->created < b->created;
      case Request::MOD:
        return a->revision < b->revision;
      case Request::VALUE:
        return *a->value < *b->value;
      default:
        return a->key < b->key;
    }
  };
  if (request.sort_order() == Request::DESCEND)
    std::stable_sort(entries.begin(), entries.end(),
                     [&](const auto& a, const auto& b) { return less(b, a); });
  else
    std::stable_sort(entries.begin(), entries.end(), less);
}

template <class T>
bool compares(api::Compare::CompareResult result, const T& is, const T& wanted) {
  switch (result) {
    case api::Compare::EQUAL:
      return is == wanted;
    case api::Compare::GREATER:
      return is > wanted;
    case api::Compare::LESS:
      return is < wanted;
    default:
      return is != wanted;
  }
}

bool compares(const api::Compare& compare, const Store::Entry* entry) {
  const auto number = [&](std::uint64_t is, std::int64_t wanted) {
    return compares(compare.result(), static_cast<std::int64_t>(is), wanted);
  };
  switch (compare.target()) {
    case api::Compare::VERSION:
      return number(entry ? entry->version : 0, compare.version());
    case api::Compare::CREATE:
      return number(entry ? entry->created : 0, compare.create_revision());
    case api::Compare::MOD:
      return number(entry ? entry->revision : 0, compare.mod_revision());
    case api::Compare::LEASE:
      return compares(compare.result(), entry ? entry->lease.value : 0, compare.lease());
    default:  // a key that is not there has no value
      return entry && compares(compare.result(), *entry->value, compare.value());
  }
}

}  // namespace

api::KeyValue key_value(const Store::Entry& entry) {
  api::KeyValue result;
  result.set_key(entry.key);
  result.set_value(*entry.value);
  result.set_create_revision(static_cast<std::int64_t>(entry.created));
  result.set_mod_revision(static_cast<std::int64_t>(entry.revision));
  result.set_version(static_cast<std::int64_t>(entry.version));
  result.set_lease(entry.lease.value);
  return result;
}

Status KeyValueStore::check_revision(std::int64_t revision) const {
  if (revision > static_cast<std::int64_t>(store_.revision())) return kFuture;
  if (revision > 0 && revision < static_cast<std::int64_t>(store_.compacted())) return kCompacted;
  return {};
}

Status KeyValueStore::range(const api::RangeRequest& request, api::RangeResponse& reply) const {
  if (request.key().empty()) return no_key();
  if (Status status = check_revision(request.revision()); !status.ok()) return status;
  const auto now = static_cast<std::int64_t>(store_.revision());
  // A page of many is gathered without holding them all; etcd counts all of them, too.
  const std::size_t wanted = is_sorted_by_key(request) && request.limit() > 0
                                 ? static_cast<std::size_t>(request.limit()) + 1
                                 : std::numeric_limits<std::size_t>::max();
  std::int64_t count = 0;
  std::vector<Store::EntryPtr> found;
  const auto take = [&](const Store::EntryPtr& entry) {
    if (!within(entry->revision, request.min_mod_revision(), request.max_mod_revision()) ||
        !within(entry->created, request.min_create_revision(), request.max_create_revision()))
      return true;
    ++count;
    if (found.size() < wanted) found.push_back(entry);
    return true;
  };
  const KeySpan span = key_span(request.key(), request.range_end());
  if (request.revision() > 0 && request.revision() < now)
    for (const auto& [key, entry] : store_.at(request.revision(), span)) take(entry);
  else
    store_.for_each(span, take);
  reply.set_count(count);
  stamp(*reply.mutable_header());
  if (request.count_only()) return {};
  sort(found, request);
  if (request.limit() > 0 && found.size() > static_cast<std::size_t>(request.limit())) {
    found.resize(request.limit());
    reply.set_more(true);
  }
  for (const auto& entry : found) {
    *reply.add_kvs() = key_value(*entry);
    if (request.keys_only()) reply.mutable_kvs()->rbegin()->clear_value();
  }
  return {};
}

Status KeyValueStore::check(const api::PutRequest& request, std::size_t more_keys) const {
  const auto found = store_.find(request.key());
  if ((request.ignore_value() || request.ignore_lease()) && !found)
    return {Errc::kInvalidArgument, "etcdserver: key not found"};
  if (request.lease() != 0 && !store_.lease({request.lease()})) return kNoLease;
  if (!found && store_.size() + more_keys >= limits_.keys)
    return {Errc::kResourceExhausted, "etcdserver: mvcc: database space exceeded"};
  return {};
}

Status KeyValueStore::put(const api::PutRequest& request, api::PutResponse& reply) {
  if (Status status = check_form(request); !status.ok()) return status;
  if (Status status = check(request, 0); !status.ok()) return status;
  apply(request, reply);
  return {};
}

void KeyValueStore::apply(const api::PutRequest& request, api::PutResponse& reply) {
  const auto before = store_.find(request.key());
  Bytes value =
      request.ignore_value() ? before->value : std::make_shared<const std::string>(request.value());
  store_.put(request.key(), std::move(value),
             request.ignore_lease() ? before->lease : LeaseId{request.lease()});
  if (request.prev_kv() && before) *reply.mutable_prev_kv() = key_value(*before);
  stamp(*reply.mutable_header());
}

Status KeyValueStore::remove(const api::DeleteRangeRequest& request,
                             api::DeleteRangeResponse& reply) {
  if (request.key().empty()) return no_key();
  std::vector<Store::EntryPtr> found;
  store_.for_each(key_span(request.key(), request.range_end()), [&](const auto& entry) {
    found.push_back(entry);
    return true;
  });
  store_.together([&] {
    for (const auto& entry : found) store_.remove(entry->key);
  });
  reply.set_deleted(static_cast<std::int64_t>(found.size()));
  if (request.prev_kv())
    for (const auto& entry : found) *reply.add_prev_kvs() = key_value(*entry);
  stamp(*reply.mutable_header());
  return {};
}

bool KeyValueStore::holds(const api::Compare& compare) const {
  if (compare.range_end().empty()) return compares(compare, store_.find(compare.key()).get());
  bool all = true, any = false;
  store_.for_each(key_span(compare.key(), compare.range_end()), [&](const auto& entry) {
    any = true;
    return all = compares(compare, entry.get());
  });
  return any ? all : compares(compare, nullptr);
}

Status KeyValueStore::check(
    const google::protobuf::RepeatedPtrField<api::RequestOp>& operations) const {
  std::size_t new_keys = 0;
  for (const api::RequestOp& operation : operations) {
    if (!operation.has_request_put()) continue;
    const api::PutRequest& put = operation.request_put();
    if (Status status = check(put, new_keys); !status.ok()) return status;
    if (!store_.find(put.key())) ++new_keys;
  }
  for (const api::RequestOp& operation : operations)
    if (Status status = check_revision(operation.request_range().revision()); !status.ok())
      return status;
  return {};
}

Status KeyValueStore::txn(const api::TxnRequest& request, api::TxnResponse& reply) {
  if (Status status = check_form(request); !status.ok()) return status;
  const bool succeeded = std::all_of(request.compare().begin(), request.compare().end(),
                                     [this](const auto& compare) { return holds(compare); });
  const auto& operations = succeeded ? request.success() : request.failure();
  if (Status status = check(operations); !status.ok()) return status;
  reply.set_succeeded(succeeded);
  store_.together([&] {  // none of them can fail any more
    for (const api::RequestOp& operation : operations) {
      api::ResponseOp& done = *reply.add_responses();
      if (operation.has_request_range())
        (void)range(operation.request_range(), *done.mutable_response_range());
      else if (operation.has_request_put())
        apply(operation.request_put(), *done.mutable_response_put());
      else
        (void)remove(operation.request_delete_range(), *done.mutable_response_delete_range());
    }
  });
  stamp(*reply.mutable_header());
  return {};
}

Status KeyValueStore::compact(const api::CompactionRequest& request) {
  if (request.revision() > static_cast<std::int64_t>(store_.revision())) return kFuture;
  if (request.revision() <= static_cast<std::int64_t>(store_.compacted())) return kCompacted;
  store_.compact(request.revision());
  return {};
}

Status KeyValueStore::grant(const api::LeaseGrantRequest& request, TimePoint now,
                            api::LeaseGrantResponse& reply) {
  if (request.ttl() > kLongestTtl) return {Errc::kOutOfRange, "etcdserver: too large lease TTL"};
  if (request.id() != 0 && store_.lease({request.id()}))
    return {Errc::kFailedPrecondition, "etcdserver: lease already exists"};
  if (store_.leases().size() >= limits_.leases)
    return {Errc::kResourceExhausted, "brontes registry: too many leases"};
  const std::int64_t ttl = std::max(request.ttl(), kShortestTtl);
  reply.set_id(store_.grant(std::chrono::seconds(ttl), now, {request.id()}).value);
  reply.set_ttl(ttl);
  return {};
}

Status KeyValueStore::revoke(const api::LeaseRevokeRequest& request) {
  return store_.revoke({request.id()}) ? Status() : kNoLease;
}

void KeyValueStore::renew(const api::LeaseKeepAliveRequest& request, TimePoint now,
                          api::LeaseKeepAliveResponse& reply) {
  reply.set_id(request.id());
  if (store_.renew({request.id()}, now)) reply.set_ttl(store_.lease({request.id()})->ttl.count());
}

void KeyValueStore::time_to_live(const api::LeaseTimeToLiveRequest& request, TimePoint now,
                                 api::LeaseTimeToLiveResponse& reply) const {
  reply.set_id(request.id());
  const auto* lease = store_.lease({request.id()});
  if (!lease) return reply.set_ttl(-1);
  reply.set_ttl(std::chrono::ceil<std::chrono::seconds>(lease->deadline - now).count());
  reply.set_grantedttl(lease->ttl.count());
  if (request.keys())
    for (const std::string& key : lease->keys) reply.add_keys(key);
}

void KeyValueStore::list_leases(api::LeaseLeasesResponse& reply) const {
  for (const auto& [id, lease] : store_.leases()) reply.add_leases()->set_id(id.value);
}

}  // namespace brontes::registry
