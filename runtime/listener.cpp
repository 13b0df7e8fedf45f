#include <brontes/actors/plumbing.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/runtime/detail/accept_pump.hpp>
#include <brontes/runtime/detail/connection_ledger.hpp>
#include <brontes/runtime/detail/tcp_bind.hpp>
#include <brontes/runtime/listener.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace brontes {
namespace {

class ListenerState : public ListenerActor::base {
 public:
  using Stopped = caf::typed_response_promise<ListeningStopped>;

  ListenerState(caf::actor_config& config, std::shared_ptr<detail::AcceptPump::Start> start)
      : ListenerActor::base(config), ledger_(start->ledger) {
    start->ended = [self = ListenerActor(this)] { tell(self, AcceptLoopEnded{}); };
    pump_.emplace(std::move(*start));
  }

  const char* name() const override { return "runtime.listener"; }

  behavior_type make_behavior() override {
    return {
        [this](StopListening how) { return stop_listening(how.grace); },
        [this](CountConnections) { return ledger_->counts(); },
        [this](AcceptLoopEnded) { loop_ended(); },
    };
  }

  // The loop ends within the hand-over of one connection, so this waits no longer than that.
  void on_exit() override {
    pump_->stop();
    pump_->join();
    waiting_.clear();
  }

 private:
  Stopped stop_listening(Duration grace) {
    auto promise = make_response_promise<Stopped>();
    if (ended_) return promise.deliver(ListeningStopped{}), promise;
    waiting_.push_back(promise);
    if (grace > Duration::zero())
      pump_->finish(grace);
    else
      pump_->stop();
    return promise;
  }

  void loop_ended() {
    ended_ = true;
    for (auto& promise : std::exchange(waiting_, {})) promise.deliver(ListeningStopped{});
  }

  const std::shared_ptr<detail::ConnectionLedger> ledger_;
  std::optional<detail::AcceptPump> pump_;  // engaged from the start on
  std::vector<Stopped> waiting_;
  bool ended_ = false;
};

}  // namespace

Expected<Listener> listen(System& system, ListenerOptions options) {
  auto socket = detail::listen_tcp(options.address);
  if (!socket) return fail(socket.error());
  const int port = detail::local_port(socket->get());
  auto ledger =
      std::make_shared<detail::ConnectionLedger>(options.max_connections, options.max_per_address);
  auto start = std::make_shared<detail::AcceptPump::Start>();
  start->socket = std::move(*socket);
  start->options = std::move(options);
  start->ledger = ledger;
  return Listener{spawn_plumbing<ListenerState>(system, "runtime.listener", std::move(start)),
                  static_cast<std::uint16_t>(port), [ledger] { return ledger->counts(); }};
}

}  // namespace brontes
