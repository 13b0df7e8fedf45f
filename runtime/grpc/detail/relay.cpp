#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/client_callback.h>
#include <brontes/actors/call/call.hpp>
#include <brontes/runtime/grpc/detail/grpc_status.hpp>
#include <brontes/runtime/grpc/detail/relay.hpp>
#include <brontes/runtime/grpc/detail/travelling_metadata.hpp>
#include <brontes/runtime/grpc/detail/wire.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace brontes::detail {
namespace {

using Replies = std::multimap<grpc::string_ref, grpc::string_ref>;

void copy_facts(Call& call, grpc::ClientContext& context) {
  bool has_id = false;
  for (const auto& [key, value] : call.all_metadata()) {
    if (!key.starts_with("grpc-") && can_travel(key, value)) context.AddMetadata(key, value);
    has_id = has_id || key == "x-request-id";
  }
  if (!has_id && !call.request_id().empty()) context.AddMetadata("x-request-id", call.request_id());
  if (call.deadline() != TimePoint::max())
    context.set_deadline(system_clock().wall() + (call.deadline() - call.clock().now()));
}

// Without gRPC's own: the details of a status, for one, have their place in it.
template <class Add>
void copy_replies(const Replies& all, Add add) {
  for (const auto& [key, value] : all) {
    const std::string name(key.data(), key.size());
    if (!name.starts_with("grpc-")) add(name, std::string(value.data(), value.size()));
  }
}

// What a call needs of its line. A context holds the channel, and the last hold on a channel must
// not be let go in a reaction: gRPC would delete the completion queue whose thread is running it,
// and abort when that thread comes back. So the line learns that the call has left when the context
// has gone, and its owner gives up the channel after that.
struct Passage {
  explicit Passage(std::shared_ptr<RelayLine> way) : line(std::move(way)) {}
  ~Passage() {
    context.reset();
    if (place) line->leave(*place);
  }
  Passage(const Passage&) = delete;
  Passage& operator=(const Passage&) = delete;

  const std::shared_ptr<RelayLine> line;
  std::optional<RelayLine::Place> place;
  std::optional<grpc::ClientContext> context{std::in_place};
};

// One call on its way to the handlers. In gRPC's eyes every kind of method is a bidi stream that
// carries one message where the kind says so.
//
// Events of the call and reactions of the stream come on any threads. Each write has a hold of its
// own, and the reads have one until there are no more, so that gRPC does not end the stream
// (OnDone) while an operation is about to be started. No lock is held while one is: it may react.
class Relay final : public grpc::ClientBidiReactor<Wire, Wire>,
                    public Relayed,
                    public CallHolder,
                    public std::enable_shared_from_this<Relay> {
 public:
  Relay(CallPtr call, std::shared_ptr<Passage> passage, int credit)
      : kind_(call->method().kind),
        call_(std::move(call)),
        passage_(std::move(passage)),
        credit_(credit) {}

  void start(const CallPtr& call, grpc::ClientContext& context,
             const std::shared_ptr<grpc::Channel>& channel) {
    self_ = shared_from_this();
    copy_facts(*call, context);
    grpc::TemplatedGenericStub<Wire, Wire>(channel).PrepareBidiStreamingCall(
        &context, std::string(call->method().path), {}, this);
    AddHold();  // of the reads
    if (has_one_request(kind_)) {
      outgoing_.message = call->request_message();
      AddHold();
      StartWriteLast(&outgoing_, {});
    }
    StartCall();
    if (!has_one_request(kind_)) call->read();
  }

  void send(std::shared_ptr<Message> message) {
    if (!hold()) return;
    sending_ = std::move(message);
    outgoing_.message = sending_.get();
    StartWrite(&outgoing_);
  }

  void half_close() {
    if (hold()) StartWritesDone();
  }

  void grant(int credit) {
    {
      const std::lock_guard lock(mutex_);
      credit_ += credit;
    }
    pull();
  }

  void cancel() {
    std::shared_ptr<Passage> passage;
    {
      const std::lock_guard lock(mutex_);
      passage = passage_;
    }
    if (passage) passage->context->TryCancel();
    run_out();
  }

  /// Somebody else ended the call: what came is no message, or the chain does not want it.
  void let_go(Call&) override {
    bool runs = false;
    {
      const std::lock_guard lock(mutex_);
      runs = passage_ != nullptr;
    }
    if (runs) cancel();
  }

  void run_out() override {
    {
      const std::lock_guard lock(mutex_);
      running_out_ = true;
    }
    pull();
  }

 private:
  void OnReadInitialMetadataDone(bool ok) override {
    if (ok)
      copy_replies(passage_->context->GetServerInitialMetadata(),
                   [this](const auto& key, const auto& value) { call_->add_header(key, value); });
    read_is_over();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return end_of_replies();
    if (has_one_reply(kind_)) {
      take_only_reply();
    } else if (!broken_.ok() || !take_credit()) {  // nothing comes after what was left out
      broken_ = {Errc::kUnavailable, "the server is going away"};
    } else {
      auto message = std::unique_ptr<Message>(call_->method().reply->New());
      if (!parse_reply(*message)) return end_of_replies();
      call_->write(std::move(message));
    }
    read_is_over();
  }

  void OnWriteDone(bool ok) override {
    if (ok && !has_one_request(kind_)) call_->read();
    RemoveHold();
  }
  void OnWritesDoneDone(bool) override { RemoveHold(); }

  void OnDone(const grpc::Status& status) override {
    const auto passage = leave();  // the last to go: nobody may outlive the line
    const auto self = std::move(self_);
    const CallPtr call = std::move(call_);
    copy_replies(passage->context->GetServerTrailingMetadata(),
                 [&](const auto& key, const auto& value) { call->add_trailer(key, value); });
    if (call->cancelled()) return call->finish(call->cancel_status());
    if (!broken_.ok()) return call->finish(broken_);
    if (status.ok() && has_one_reply(kind_) && !has_reply_)
      return call->finish({Errc::kInternal, "the adopted service answered OK without a reply"});
    call->finish(from_grpc(status));
  }

  // False: the handler has answered, nothing more is to be sent.
  bool hold() {
    const std::lock_guard lock(mutex_);
    if (!over_) AddHold();
    return !over_;
  }

  std::shared_ptr<Passage> leave() {
    const std::lock_guard lock(mutex_);
    return std::exchange(passage_, nullptr);
  }

  // False: a reply that is read only because all is.
  bool take_credit() {
    const std::lock_guard lock(mutex_);
    return credit_ > 0 && credit_-- > 0;
  }

  void read_is_over() {
    {
      const std::lock_guard lock(mutex_);
      reading_ = false;
    }
    pull();
  }

  // Streams are read as their peer wants more, the others to their end: before it there is no
  // status.
  void pull() {
    {
      const std::lock_guard lock(mutex_);
      const bool may = has_one_reply(kind_) || credit_ > 0 || running_out_;
      if (over_ || reading_ || !may) return;
      reading_ = true;
    }
    StartRead(&incoming_);
  }

  void end_of_replies() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    RemoveHold();
  }

  void take_only_reply() {
    if (has_reply_ || !parse_reply(*call_->reply_message())) return;
    has_reply_ = true;
  }

  bool parse_reply(Message& message) {
    if (parse_own(incoming_, message)) return true;
    broken_ = {Errc::kInternal, "the reply is no valid " + message.GetTypeName()};
    cancel();
    return false;
  }

  const Kind kind_;
  CallPtr call_;                 // until OnDone
  std::shared_ptr<Relay> self_;  // until OnDone
  Wire outgoing_, incoming_;
  std::shared_ptr<Message> sending_;
  bool has_reply_ = false;
  Status broken_;
  std::mutex mutex_;                  // guards what follows
  std::shared_ptr<Passage> passage_;  // until OnDone
  int credit_;
  bool reading_ = true;  // the headers at first
  bool running_out_ = false, over_ = false;
};

void begin(const CallPtr& call, const std::shared_ptr<RelayLine>& line, int credit) {
  call->claim();
  const auto passage = std::make_shared<Passage>(line);  // goes after the channel
  const auto relay = std::make_shared<Relay>(call, passage, credit);
  RelayLine::Place place;
  const auto channel = line->enter(relay, place);
  if (!channel) return call->finish({Errc::kUnavailable, "no door serves the adopted service"});
  passage->place = place;
  call->state = relay;
  call->hold_in(relay);
  relay->start(call, *passage->context, channel);
}

}  // namespace

Handler relay_handler(std::shared_ptr<RelayLine> line) {
  return [line = std::move(line)](const CallPtr& call, Event event) {
    if (event.type == Event::Type::kStarted) return begin(call, line, event.credit);
    const auto relay = std::static_pointer_cast<Relay>(call->state);
    if (!relay) return;
    switch (event.type) {
      case Event::Type::kMessage:
        return relay->send(std::move(event.request));
      case Event::Type::kHalfClosed:
        return relay->half_close();
      case Event::Type::kDemand:
        return relay->grant(event.credit);
      default:
        return relay->cancel();
    }
  };
}

}  // namespace brontes::detail
