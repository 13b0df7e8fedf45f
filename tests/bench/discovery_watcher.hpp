// A subscriber that can be waited for.
#pragma once

#include <brontes/discovery/discovery.hpp>
#include <condition_variable>
#include <mutex>

#include "discovery_store.hpp"

namespace brontes::bench {

class Watcher {
 public:
  /// Of "svc/v1".
  explicit Watcher(Discovery& discovery) {
    auto made = discovery.subscribe(Query{"svc", "v1"}, [this](const DiscoveryEvent& event) {
      const std::lock_guard lock(mutex_);
      newest_ = event.snapshot;
      heard_ = now();
      changed_.notify_all();
    });
    if (!made) give_up(made.error().to_string());
    subscription_ = std::move(*made);
  }
  /// Until `wanted(snapshot)`: when that was heard.
  template <class F>
  TimePoint wait(F wanted) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kHang, [&] { return newest_ && wanted(*newest_); }))
      give_up("the subscriber waits in vain");
    return heard_;
  }
  TimePoint wait_for_count(int count) {
    return wait([count](const Snapshot& s) {
      return s.instances.size() == static_cast<std::size_t>(count);
    });
  }
  /// Lets a while pass in which nothing is heard.
  void rest(Duration pause) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, pause, [] { return false; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  SnapshotPtr newest_;
  TimePoint heard_;
  Subscription subscription_;
};

/// What this process holds of the machine's memory, what it has freed given back.
double resident_bytes();

}  // namespace brontes::bench
