#include <grpc/support/time.h>
#include <grpcpp/create_channel.h>

#include <algorithm>
#include <brontes/actors/backoff.hpp>
#include <brontes/discovery/channel/detail/call_door.hpp>
#include <brontes/discovery/channel/detail/connectivity_monitor.hpp>

namespace brontes {
namespace {

// How long a watch lasts: a dropped channel lives on for so long, and so often each wakes up.
constexpr Duration kShortWatch = std::chrono::seconds(2);
constexpr Duration kWatchShare = std::chrono::milliseconds(3);  // 10,000 watches: 30 s

constexpr int kLookMs = 10;   // between two looks
constexpr int kWaitMs = 250;  // at once, where a connection is being made

gpr_timespec span(int ms) { return gpr_time_from_millis(ms, GPR_TIMESPAN); }

Connectivity connectivity(grpc_connectivity_state state) {
  switch (state) {
    case GRPC_CHANNEL_READY:
      return Connectivity::kReady;
    case GRPC_CHANNEL_CONNECTING:
      return Connectivity::kConnecting;
    case GRPC_CHANNEL_TRANSIENT_FAILURE:
    case GRPC_CHANNEL_SHUTDOWN:
      return Connectivity::kFailing;
    default:
      return Connectivity::kIdle;
  }
}

bool is_unsettled(grpc_connectivity_state state) {
  return state == GRPC_CHANNEL_IDLE || state == GRPC_CHANNEL_CONNECTING;
}

}  // namespace

struct ConnectivityMonitor::Watch {
  std::weak_ptr<WatchedChannel> owner;
  grpc_connectivity_state last = GRPC_CHANNEL_IDLE;
};

ConnectivityMonitor& ConnectivityMonitor::process() {
  static auto* const monitor = new ConnectivityMonitor;
  return *monitor;
}

void ConnectivityMonitor::keep_callback_threads() {
  std::call_once(callbacks_once_, [this] {
    callbacks_ = grpc::CreateChannel("unix:/nowhere", grpc::InsecureChannelCredentials());
    CallDoor::callback_queue(*callbacks_);
  });
}

ConnectivityMonitor::ConnectivityMonitor() : thread_([this] { run(); }) {}

void ConnectivityMonitor::watch(const std::shared_ptr<WatchedChannel>& owner) {
  auto watch = std::make_unique<Watch>();
  watch->owner = owner;
  ++unsettled_;  // idle: about to connect
  {
    const std::lock_guard lock(mutex_);
    ++watches_;
  }
  watched_.notify_one();
  arm(std::move(watch), *owner);
}

// The jitter keeps the watches from waking up together.
Duration ConnectivityMonitor::watch_time() {
  const Duration least = std::max(kShortWatch, kWatchShare * watches_.load());
  const std::lock_guard lock(mutex_);
  return least + jitter(random_, least);
}

void ConnectivityMonitor::arm(std::unique_ptr<Watch> watch, WatchedChannel& owner) {
  const auto last = watch->last;
  // A span of time: gRPC adds its own clock.
  owner.channel().NotifyOnStateChange(last, gpr_time_from_nanos(watch_time().count(), GPR_TIMESPAN),
                                      &queue_, watch.release());
}

bool ConnectivityMonitor::next(void** tag, bool* changed) {
  using Queue = grpc::CompletionQueue;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      watched_.wait(lock, [this] { return watches_ > 0; });
    }
    const bool calling = calling_.exchange(false, std::memory_order_relaxed);
    const bool waiting = unsettled_ > 0 && !calling;
    const auto got = queue_.AsyncNext(tag, changed, span(waiting ? kWaitMs : 0));
    if (got != Queue::TIMEOUT) return got == Queue::GOT_EVENT;
    if (waiting) continue;
    std::unique_lock lock(mutex_);  // a new watch is looked after at once
    watched_.wait_for(lock, std::chrono::milliseconds(kLookMs));
  }
}

void ConnectivityMonitor::settle(Watch& watch, grpc_connectivity_state state) {
  unsettled_ += int{is_unsettled(state)} - int{is_unsettled(watch.last)};
  watch.last = state;
}

void ConnectivityMonitor::run() {
  void* tag = nullptr;
  bool changed = false;
  while (next(&tag, &changed)) {
    std::unique_ptr<Watch> watch(static_cast<Watch*>(tag));
    const auto owner = watch->owner.lock();
    if (!owner) {
      settle(*watch, GRPC_CHANNEL_SHUTDOWN);
      --watches_;
      continue;
    }
    const auto state = owner->channel().GetState(false);
    // Also when it is the same: idle, connecting and idle again must be told.
    if (changed || state != watch->last) owner->on_state(connectivity(state));
    settle(*watch, state);
    arm(std::move(watch), *owner);
  }
}

}  // namespace brontes
