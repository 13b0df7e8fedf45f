#include <brontes/actors/call/detail/replica.hpp>
#include <brontes/actors/call/detail/replica_set.hpp>
#include <brontes/actors/log.hpp>
#include <exception>
#include <utility>

namespace brontes::detail {
namespace {

constexpr std::string_view kReplicaLogger = "call.replica";

}  // namespace

Replica::Replica(caf::actor_config& config, std::shared_ptr<ReplicaSet> replicas, std::size_t seat,
                 Waiting waiting)
    : ReplicaActor::base(config),
      replicas_(std::move(replicas)),
      seat_(seat),
      waiting_(std::move(waiting)),
      ticket_(replicas_->attendance().enter()) {}

Executor Replica::executor() {
  return [weak = address()](std::function<void()> job) {
    if (const auto self = caf::actor_cast<caf::strong_actor_ptr>(weak))
      tell(caf::actor_cast<ReplicaActor>(self), Job{std::move(job)});
  };
}

void Replica::post_after(Duration delay, std::function<void()> job) {
  send_after(this, ReplicaActor(this), delay, Job{std::move(job)});
}

Replica::behavior_type Replica::make_behavior() {
  const char* step = "its constructor threw: ";
  const bool started = guarded([&] {
    service_ = replicas_->factory()();
    if (!service_) throw std::runtime_error("the factory of the service actor returned null");
    service_->replica_ = this;
    step = "its on_start threw: ";
    service_->on_start();
  });
  replicas_->tell_started(started ? Status() : Status(Errc::kInternal, step + cause_));
  return {
      [this](Envelope& envelope) { receive(std::move(envelope.call), std::move(envelope.event)); },
      [this](Job& job) { guarded([&] { job.run(); }); }};
}

void Replica::on_exit() {
  replicas_->vacate(seat_);
  if (service_ && !crashed_ && !guarded([&] { service_->on_stop(); }))
    log_warn(kReplicaLogger, "on_stop threw actor={}; the service stops all the same", id());
  for (const CallPtr& call : live_->take_all()) {
    if (crashed_)
      call->fail("the actor that served the call crashed");
    else
      call->finish({Errc::kInternal, "the service stopped before it had answered"});
  }
  service_.reset();
  replicas_.reset();
  ticket_.reset();
}

template <class F>
bool Replica::guarded(F step) {
  try {
    step();
    return true;
  } catch (const std::exception& e) {
    cause_ = e.what();
  } catch (...) {
    cause_ = "an exception that is no std::exception";
  }
  crashed_ = true;
  quit(to_error({Errc::kInternal, cause_}));
  return false;
}

void Replica::receive(CallPtr call, Event event) {
  if (event.type == Event::Type::kStarted) {
    waiting_->fetch_sub(1, std::memory_order_relaxed);
    return begin(call, std::move(event));
  }
  // Without a start here the call was begun by a replica that has crashed since.
  if (crashed_ || call->finished() || !live_->has(call.get())) return;
  const bool cancelled = event.type == Event::Type::kCancelled;
  const auto& entry = service_->handlers_.at(call->method().path);
  if (!guarded([&] { entry.handler(call, std::move(event)); })) return;
  if (cancelled) call->finish(call->cancel_status());
}

void Replica::begin(const CallPtr& call, Event event) {
  if (crashed_ || call->finished()) return;  // unclaimed: UNAVAILABLE
  if (call->expired()) return call->finish({Errc::kDeadlineExceeded, "expired in the queue"});
  if (call->cancelled()) return call->finish(call->cancel_status());
  const auto found = service_->handlers_.find(call->method().path);
  if (found == service_->handlers_.end()) return serve_unimplemented()(call, event);
  call->claim();
  if (!found->second.at_once) {
    live_->add(call);
    call->hold_in(live_);
  }
  try {
    found->second.handler(call, std::move(event));
  } catch (const std::exception& e) {
    call->fail(e.what());
    guarded([&] { throw; });
  } catch (...) {
    call->fail("an exception that is no std::exception");
    guarded([&] { throw; });
  }
}

}  // namespace brontes::detail
