// The callbacks that subscribe to a Discovery. They are no actors: one stands before the resolver
// for all of them, and a few lanes run them. See docs/adr/0048-callbacks-in-lanes.md.
#pragma once

#include <atomic>
#include <brontes/discovery/detail/callback_box.hpp>
#include <brontes/discovery/discovery.hpp>
#include <brontes/discovery/resolver.hpp>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace brontes::detail {

/// A callback, and the newest state for it. It is queued or runs once at a time, whatever is put
/// into its slot meanwhile: one that stands still takes one lane, and no other waits for it.
struct CrowdMember {
  CrowdMember(std::string registry, Query query, DiscoveryCallback callback)
      : slot(std::move(registry), std::move(query)), box(std::move(callback)) {}
  SubscriberSlot slot;
  CallbackBox<DiscoveryEvent> box;
  std::atomic<bool> busy{false};  ///< queued, or running
};
using CrowdMemberPtr = std::shared_ptr<CrowdMember>;

/// Who is to run, in order; each is taken by one lane. Thread-safe.
class CrowdQueue {
 public:
  /// Some that were queued together; a lane keeps the one that it takes from.
  struct Wave {
    std::vector<CrowdMemberPtr> members;
    std::atomic<std::size_t> next{0};
  };
  using WavePtr = std::shared_ptr<Wave>;

  void push(std::vector<CrowdMemberPtr> members);
  /// Null when nobody is left; `wave` is then null, too.
  CrowdMemberPtr next(WavePtr& wave);
  bool empty();

 private:
  std::mutex mutex_;
  std::deque<WavePtr> waves_;
};

/// Subscribes the member at its slot's registry and query, from now on.
struct JoinCrowd {
  CrowdMemberPtr member;
};
struct LeaveCrowd {
  CrowdMemberPtr member;
};
/// Crowd -> lane: somebody is queued.
struct LaneDue {};
/// Lane -> crowd: it has run many, and now it is others' turn.
struct LaneRests {
  std::size_t lane = 0;
};

}  // namespace brontes::detail

BRONTES_MESSAGE(brontes::detail::JoinCrowd)
BRONTES_MESSAGE(brontes::detail::LeaveCrowd)
BRONTES_MESSAGE(brontes::detail::LaneDue)
BRONTES_MESSAGE(brontes::detail::LaneRests)

namespace brontes::detail {

/// A Subscriber of the resolver.
using Crowd = Interface<void(SnapshotReady), void(JoinCrowd), void(LeaveCrowd), void(LaneRests)>;

/// To be stopped by its owner.
Crowd spawn_crowd(System& system, Resolver resolver);

}  // namespace brontes::detail
