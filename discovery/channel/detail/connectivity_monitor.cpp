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

constexpr int kLookMs = 10;   // between two looks while calls are made
constexpr int kWaitMs = 250;  // at once while there are none

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
  watches_.fetch_add(1, std::memory_order_relaxed);
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
    const bool calling = calling_.exchange(false, std::memory_order_relaxed);
    const auto got = queue_.AsyncNext(tag, changed, span(calling ? 0 : kWaitMs));
    if (got != Queue::TIMEOUT) return got == Queue::GOT_EVENT;
    if (calling) gpr_sleep_until(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), span(kLookMs)));
  }
}

void ConnectivityMonitor::run() {
  void* tag = nullptr;
  bool changed = false;
  while (next(&tag, &changed)) {
    std::unique_ptr<Watch> watch(static_cast<Watch*>(tag));
    const auto owner = watch->owner.lock();
    if (!owner) {
      watches_.fetch_sub(1, std::memory_order_relaxed);
      continue;
    }
    const auto state = owner->channel().GetState(false);
    // Also when it is the same: idle, connecting and idle again must be told.
    if (changed || state != watch->last) owner->on_state(connectivity(state));
    watch->last = state;
    arm(std::move(watch), *owner);
  }
}

}  // namespace brontes
