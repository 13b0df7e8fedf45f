#include <grpc/support/time.h>
#include <grpcpp/create_channel.h>

#include <atomic>
#include <brontes/actors/backoff.hpp>
#include <brontes/discovery/channel/detail/call_door.hpp>
#include <brontes/discovery/channel/detail/connectivity_monitor.hpp>

namespace brontes {
namespace {

// Long, because 10,000 watches wake up that often; finite, because a dropped channel lives on until
// then. The jitter keeps them from waking up together.
constexpr Duration kWatch = std::chrono::seconds(30);

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

Duration watch_time() {
  static std::atomic<std::uint64_t> seed{1};
  std::uint64_t random = seed.fetch_add(1, std::memory_order_relaxed);
  return kWatch + jitter(random, kWatch);
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

// gRPC ends the threads that run callbacks with the last channel that used them. If a callback let
// go of that one, the thread would join itself and crash: so there is one more, for ever.
void ConnectivityMonitor::keep_callback_threads() {
  callbacks_ = grpc::CreateChannel("unix:/nowhere", grpc::InsecureChannelCredentials());
  CallDoor::callback_queue(*callbacks_);
}

ConnectivityMonitor::ConnectivityMonitor() : thread_([this] { run(); }) { keep_callback_threads(); }

void ConnectivityMonitor::watch(const std::shared_ptr<WatchedChannel>& owner) {
  auto watch = std::make_unique<Watch>();
  watch->owner = owner;
  arm(std::move(watch), *owner);
}

void ConnectivityMonitor::arm(std::unique_ptr<Watch> watch, WatchedChannel& owner) {
  const auto last = watch->last;
  // A span of time: gRPC adds its own clock.
  owner.channel().NotifyOnStateChange(last, gpr_time_from_nanos(watch_time().count(), GPR_TIMESPAN),
                                      &queue_, watch.release());
}

void ConnectivityMonitor::run() {
  void* tag = nullptr;
  bool changed = false;
  while (queue_.Next(&tag, &changed)) {
    std::unique_ptr<Watch> watch(static_cast<Watch*>(tag));
    const auto owner = watch->owner.lock();
    if (!owner) continue;
    const auto state = owner->channel().GetState(false);
    // Also when it is the same: idle, connecting and idle again must be told.
    if (changed || state != watch->last) owner->on_state(connectivity(state));
    watch->last = state;
    arm(std::move(watch), *owner);
  }
}

}  // namespace brontes
