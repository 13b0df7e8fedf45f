// etcd's v3 API as a service actor: what `brontes registry` serves. One actor has store, leases and
// watches, so nothing in it is locked: docs/adr/0043.
#pragma once

#include <brontes/actors/call/method.hpp>
#include <brontes/actors/call/service_actor.hpp>
#include <unordered_map>
#include <vector>

#include "key_value_store.hpp"
#include "watch_stream.hpp"

namespace brontes::registry {

/// The rows of KV, Watch, Lease, Auth, Cluster and Maintenance, for Node::serve_actor with one
/// replica.
std::vector<Method> etcd_rows();

class EtcdService final : public ServiceActor {
 public:
  explicit EtcdService(StoreLimits limits = {});

 private:
  struct Stream {
    CallPtr call;
    int credit = 0;
    bool reading = false;
    WatchStream watches = {};
  };

  template <class M, class F>
  void answer(F f);
  void serve_keys();
  void serve_leases();
  void serve_cluster();

  void on_start() override;
  void stamp(api::ResponseHeader& header) const;
  void watch(const CallPtr& call, Event& event);
  void send(Stream& stream);
  /// After whatever may have changed the store.
  void settle();
  void wait_for_lapse();
  void note_progress();

  KeyValueStore keys_;
  const std::uint64_t id_;  ///< of this store: another one after each start
  std::unordered_map<Call*, Stream> streams_;
  std::uint64_t told_ = 0;  ///< the revision that the streams know of
  TimePoint awaited_ = TimePoint::max();
};

}  // namespace brontes::registry
