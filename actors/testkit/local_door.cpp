#include <brontes/actors/caf.hpp>
#include <brontes/actors/call/detail/settle.hpp>
#include <brontes/actors/testkit/detail/local_peer.hpp>
#include <brontes/actors/testkit/local_door.hpp>

namespace brontes {
namespace detail {

/// Cancel the call after the delay, unless it has ended.
struct ArmTimeout {
  Duration delay;
  std::weak_ptr<LocalPeer> peer;
};
struct Timeout {
  std::weak_ptr<LocalPeer> peer;
};

}  // namespace detail
}  // namespace brontes

BRONTES_MESSAGE(brontes::detail::ArmTimeout)
BRONTES_MESSAGE(brontes::detail::Timeout)

namespace brontes {
namespace detail {
namespace {

using TimerActor = Interface<void(ArmTimeout), void(Timeout)>;

class Timer final : public TimerActor::base {
 public:
  explicit Timer(caf::actor_config& config) : TimerActor::base(config) {}
  const char* name() const override { return "local_door.timer"; }

 protected:
  behavior_type make_behavior() override {
    return {[this](const ArmTimeout& arm) {
              send_after(this, TimerActor(this), arm.delay, Timeout{arm.peer});
            },
            [](const Timeout& timeout) {
              if (const auto peer = timeout.peer.lock()) peer->cancel();
            }};
  }
};

}  // namespace

struct LocalTimer {
  TimerActor actor;
};

}  // namespace detail

AnyLocalCall::~AnyLocalCall() {
  if (peer_) peer_->cancel();
}
void AnyLocalCall::half_close() { peer_->half_close(); }
void AnyLocalCall::cancel() { peer_->cancel(); }
bool AnyLocalCall::finished() { return peer_->finished(); }
Status AnyLocalCall::status() { return peer_->status(); }
std::string AnyLocalCall::header(const std::string& key) const { return peer_->header(key); }
std::string AnyLocalCall::trailer(const std::string& key) const { return peer_->trailer(key); }
void AnyLocalCall::send_message(const Message& request) { peer_->send(request); }
std::unique_ptr<Message> AnyLocalCall::take_reply() { return peer_->next_reply(); }

LocalDoor::LocalDoor(System& system, const MethodTable& table)
    : system_(system),
      table_(table),
      timer_(std::make_unique<detail::LocalTimer>(
          detail::LocalTimer{system.caf().spawn<detail::Timer>()})) {}

LocalDoor::~LocalDoor() {
  stop(timer_->actor);
  detail::settle(system_);
}

std::shared_ptr<detail::LocalPeer> LocalDoor::begin(std::string_view path, const Message* request,
                                                    LocalCallOptions options) {
  const Duration timeout = options.timeout;
  auto peer = std::make_shared<detail::LocalPeer>(system_, std::move(options));
  const Method* method = table_.find(path);
  if (!method) {
    peer->end({Errc::kUnimplemented, "call " + std::string(path) + ": no such method"}, nullptr);
    return peer;
  }
  const TimePoint deadline = after(table_.clock(), timeout);
  auto* call = new detail::LocalServerCall(*method, table_, deadline, peer, request);
  const CallPtr pinned(call);
  peer->bind(call);
  if (deadline != TimePoint::max()) tell(timer_->actor, detail::ArmTimeout{timeout, peer});
  call->start();
  return peer;
}

}  // namespace brontes
