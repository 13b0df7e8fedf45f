// What etcd's API says about keys and values, on a RevisionStore: no actor, no socket.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/discovery/revision_store.hpp>
#include <cstddef>
#include <memory>
#include <string>

#include "etcd_api.pb.h"

namespace brontes::registry {

namespace api = etcdserverpb;

/// Shared by entry, history and watches.
using Bytes = std::shared_ptr<const std::string>;
using Store = RevisionStore<Bytes>;

api::KeyValue key_value(const Store::Entry& entry);

struct StoreLimits {
  std::size_t keys = 200'000;
  std::size_t history = 100'000;  ///< changes; older ones are compacted
  std::size_t leases = 200'000;
};

/// Answers as etcd 3.4 does, errors included. Not thread-safe.
class KeyValueStore {
 public:
  explicit KeyValueStore(StoreLimits limits = {}) : limits_(limits), store_(limits.history) {}

  Status range(const api::RangeRequest& request, api::RangeResponse& reply) const;
  Status put(const api::PutRequest& request, api::PutResponse& reply);
  Status remove(const api::DeleteRangeRequest& request, api::DeleteRangeResponse& reply);
  /// All or nothing: what cannot be done is found before anything is.
  Status txn(const api::TxnRequest& request, api::TxnResponse& reply);
  Status compact(const api::CompactionRequest& request);

  Status grant(const api::LeaseGrantRequest& request, TimePoint now,
               api::LeaseGrantResponse& reply);
  Status revoke(const api::LeaseRevokeRequest& request);
  /// TTL 0: the lease is gone.
  void renew(const api::LeaseKeepAliveRequest& request, TimePoint now,
             api::LeaseKeepAliveResponse& reply);
  /// TTL -1: likewise.
  void time_to_live(const api::LeaseTimeToLiveRequest& request, TimePoint now,
                    api::LeaseTimeToLiveResponse& reply) const;
  void list_leases(api::LeaseLeasesResponse& reply) const;
  /// Revokes the leases whose time is over.
  void lapse(TimePoint now) { store_.lapse(now); }

  const Store& store() const { return store_; }

 private:
  bool holds(const api::Compare& compare) const;
  /// Whether it can be done when so many keys are new before it.
  Status check(const api::PutRequest& request, std::size_t more_keys) const;
  void apply(const api::PutRequest& request, api::PutResponse& reply);
  Status check(const google::protobuf::RepeatedPtrField<api::RequestOp>& operations) const;
  Status check_revision(std::int64_t revision) const;
  void stamp(api::ResponseHeader& header) const {
    header.set_revision(static_cast<std::int64_t>(store_.revision()));
  }

  const StoreLimits limits_;
  Store store_;
};

}  // namespace brontes::registry
