#include <google/protobuf/wrappers.pb.h>
#include <brontes/actors/call/call.hpp>
#include <brontes/runtime/grpc/detail/health_rows.hpp>
#include <utility>

// On the wire HealthCheckRequest is a StringValue and HealthCheckResponse an Int32Value. Taking
// these keeps a generated copy of health.proto out of the link: a second one, the user's, would
// abort the process at its start.
using HealthRequest = google::protobuf::StringValue;
using HealthReply = google::protobuf::Int32Value;

namespace brontes::detail {
namespace {

enum ServingStatus { kServing = 1, kNotServing = 2, kServiceUnknown = 3 };

ServingStatus serving_status(const HealthState& state, const std::string& service) {
  const auto serving = state.serving(service);
  if (!serving) return kServiceUnknown;
  return *serving ? kServing : kNotServing;
}

void check(const HealthState& state, Call& call) {
  const ServingStatus status = serving_status(state, call.request<HealthRequest>().value());
  if (status == kServiceUnknown)
    return call.finish({Errc::kNotFound, "no service '" + call.request<HealthRequest>().value() +
                                             "' is known to this server's health"});
  call.reply<HealthReply>().set_value(status);
  call.finish({});
}

// One Watch call. Changes come from any thread, but a call is answered by one thread at a time: the
// first to come pumps, those who come meanwhile only leave it word.
class HealthWatch final : public HealthState::Watcher {
 public:
  HealthWatch(std::shared_ptr<HealthState> state, CallPtr call)
      : state_(std::move(state)), call_(std::move(call)) {}

  void changed() override {
    pump([] {});
  }
  void granted(int credit) {
    pump([this, credit] { credit_ += credit; });
  }
  void cancelled() {
    pump([this] { gone_ = true; });
  }

 private:
  template <class F>
  void pump(F note) {
    {
      const std::lock_guard lock(mutex_);
      note();
      again_ = true;
      if (std::exchange(pumping_, true)) return;
    }
    while (step()) {
    }
  }

  // False: nothing more to do, somebody else may pump.
  bool step() {
    bool gone = false, may_write = false;
    {
      const std::lock_guard lock(mutex_);
      if (!std::exchange(again_, false)) {
        pumping_ = false;
        return false;
      }
      gone = gone_;
      may_write = credit_ > 0;
    }
    if (!call_) return true;
    const bool ended = state_->watches_ended();  // before the last word, so that it is the last
    const bool said = !gone && say(may_write);
    if (gone || (ended && said)) finish(gone);
    return true;
  }

  // False: the peer must read first.
  bool say(bool may_write) {
    const int status = serving_status(*state_, call_->request<HealthRequest>().value());
    if (status == said_) return true;
    if (!may_write) return false;
    said_ = status;
    auto reply = std::make_unique<HealthReply>();
    reply->set_value(status);
    call_->write(std::move(reply));
    const std::lock_guard lock(mutex_);
    --credit_;
    return true;
  }

  void finish(bool gone) {
    const CallPtr call = std::exchange(call_, CallPtr());
    call->finish(gone ? call->cancel_status()
                      : Status(Errc::kUnavailable, "the server is going away"));
  }

  const std::shared_ptr<HealthState> state_;
  CallPtr call_;   // of whoever pumps
  int said_ = -1;  // of whoever pumps
  std::mutex mutex_;
  int credit_ = 0;
  bool gone_ = false, pumping_ = false, again_ = false;
};

void watch(const std::shared_ptr<HealthState>& state, CallPtr call, const Event& event) {
  if (event.type == Event::Type::kStarted) {
    const auto started = std::make_shared<HealthWatch>(state, call);
    call->state = started;
    started->granted(event.credit);
    return state->subscribe(started);
  }
  const auto running = std::static_pointer_cast<HealthWatch>(call->state);
  if (event.type == Event::Type::kDemand) running->granted(event.credit);
  if (event.type == Event::Type::kCancelled) running->cancelled();
}

}  // namespace

Status add_health(MethodTable& table, std::shared_ptr<HealthState> state) {
  const HealthRequest& request = HealthRequest::default_instance();
  const HealthReply& reply = HealthReply::default_instance();
  const Status added = table.add({"/grpc.health.v1.Health/Check", Kind::kUnary, &request, &reply,
                                  [state](CallPtr call, const Event& event) {
                                    if (event.type == Event::Type::kStarted) check(*state, *call);
                                  }});
  if (!added.ok()) return added;
  return table.add({"/grpc.health.v1.Health/Watch", Kind::kServerStream, &request, &reply,
                    [state](CallPtr call, const Event& event) { watch(state, call, event); }});
}

}  // namespace brontes::detail
