#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/client_callback.h>

#include <brontes/discovery/detail/callback_box.hpp>
#include <brontes/discovery/registries/etcd/detail/grpc_exchange.hpp>
#include <deque>
#include <mutex>
#include <utility>

namespace brontes::etcd {
namespace {

constexpr const char* kExchangeName = "discovery.etcd_registry";
using Box = detail::CallbackBox<Heard>;

grpc::ByteBuffer buffer_of(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

std::string text_of(const grpc::ByteBuffer& buffer) {
  grpc::Slice slice;
  if (!buffer.TrySingleSlice(&slice).ok() && !buffer.DumpToSingleSlice(&slice).ok()) return {};
  return std::string(reinterpret_cast<const char*>(slice.begin()), slice.size());
}

Status status_of(const grpc::Status& status) {
  return {static_cast<Errc>(status.error_code()), status.error_message()};
}

void dress(grpc::ClientContext& context, const std::string& token) {
  if (!token.empty()) context.AddMetadata("token", token);
  // A member without a leader says so at once, instead of keeping us for seconds or for ever.
  context.AddMetadata("hasleader", "true");
}

class CallExchange final : public Exchange {
 public:
  CallExchange(std::shared_ptr<grpc::Channel> channel, Request request, Ear ear)
      : state_(std::make_shared<State>(std::move(ear))) {
    dress(state_->context, request.token);
    state_->request = buffer_of(request.body);
    grpc::GenericStub stub(std::move(channel));
    stub.UnaryCall(
        &state_->context, request.path, {}, &state_->request, &state_->reply,
        [state = state_, number = request.exchange](const grpc::Status& status) {
          state->box.call({number, status_of(status), text_of(state->reply)}, kExchangeName);
        });
  }
  ~CallExchange() override {
    state_->box.close();
    state_->context.TryCancel();
  }
  void send(std::string) override {}
  void listen() override {}

 private:
  struct State {
    explicit State(Ear ear) : box(std::move(ear)) {}
    Box box;
    grpc::ClientContext context;
    grpc::ByteBuffer request, reply;
  };
  std::shared_ptr<State> state_;
};

/// Keeps itself until gRPC is done with it. From the actor's side everything happens under the
/// mutex and only while the hold is there, without which gRPC may be done at any time.
class StreamReactor final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  StreamReactor(std::uint64_t number, Ear ear) : number_(number), box_(std::move(ear)) {}

  void start(const std::shared_ptr<StreamReactor>& self, std::shared_ptr<grpc::Channel> channel,
             const Request& request) {
    self_ = self;
    dress(context_, request.token);
    grpc::GenericStub stub(std::move(channel));
    stub.PrepareBidiStreamingCall(&context_, request.path, {}, this);
    AddHold();
    StartRead(&in_);
    send(request.body);
    StartCall();
  }

  void send(const std::string& message) {
    const std::lock_guard lock(mutex_);
    if (!held_) return;
    outgoing_.push_back(buffer_of(message));
    if (outgoing_.size() == 1) StartWrite(&outgoing_.front());
  }
  void listen() {
    const std::lock_guard lock(mutex_);
    if (held_) StartRead(&in_);
  }
  void close() {
    box_.close();
    context_.TryCancel();
    let_go();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return let_go();  // OnDone says why
    std::string body = text_of(in_);
    in_.Clear();
    box_.call({number_, {}, std::move(body), false}, kExchangeName);
  }
  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    outgoing_.pop_front();
    if (ok && held_ && !outgoing_.empty()) StartWrite(&outgoing_.front());
  }
  void OnDone(const grpc::Status& status) override {
    const auto self = std::move(self_);
    const Status end =
        status.ok() ? Status(Errc::kUnavailable, "it ended the stream") : status_of(status);
    box_.call({number_, end, {}, true}, kExchangeName);
  }

 private:
  void let_go() {
    {
      const std::lock_guard lock(mutex_);
      if (!std::exchange(held_, false)) return;
    }
    RemoveHold();
  }

  const std::uint64_t number_;
  Box box_;
  grpc::ClientContext context_;
  grpc::ByteBuffer in_;
  std::shared_ptr<StreamReactor> self_;
  std::mutex mutex_;
  bool held_ = true;                       // under the mutex
  std::deque<grpc::ByteBuffer> outgoing_;  // likewise; the first one is being written
};

class StreamExchange final : public Exchange {
 public:
  explicit StreamExchange(std::shared_ptr<StreamReactor> reactor) : reactor_(std::move(reactor)) {}
  ~StreamExchange() override { reactor_->close(); }
  void send(std::string message) override { reactor_->send(message); }
  void listen() override { reactor_->listen(); }

 private:
  std::shared_ptr<StreamReactor> reactor_;
};

}  // namespace

std::unique_ptr<Exchange> start_call(std::shared_ptr<grpc::Channel> channel, Request request,
                                     Ear ear) {
  return std::make_unique<CallExchange>(std::move(channel), std::move(request), std::move(ear));
}

std::unique_ptr<Exchange> start_stream(std::shared_ptr<grpc::Channel> channel, Request request,
                                       Ear ear) {
  auto reactor = std::make_shared<StreamReactor>(request.exchange, std::move(ear));
  auto exchange = std::make_unique<StreamExchange>(reactor);
  reactor->start(reactor, std::move(channel), request);
  return exchange;
}

}  // namespace brontes::etcd
