// A method table with the Echo service, an interceptor that writes down what it sees, a gRPC door
// before it and a stock client.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <testing.grpc.pb.h>
#include <brontes/actors/call/actor_host.hpp>
#include <brontes/actors/call/call.hpp>
#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/call/service_actor.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/runtime/grpc/grpc_door.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <testing.brontes.hpp>
#include <vector>

namespace brontes::testing {

/// So long a test waits before it says that something hangs.
constexpr auto kHangGuard = std::chrono::seconds(30);

class Recorder final : public Interceptor {
  template <class F>
  void note(F f) {
    {
      const std::lock_guard lock(mutex_);
      f();
    }
    changed_.notify_all();
  }
  template <class F>
  bool wait(F f) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kHangGuard, f);
  }
  template <class F>
  auto read(F f) const {
    const std::lock_guard lock(mutex_);
    return f();
  }

 public:
  const char* name() const override { return "recorder"; }

  Status on_headers(Call& call) override {
    note([&] {
      ++begun_;
      metadata_ = call.all_metadata();
    });
    if (call.metadata("authorization") != "bad") return {};
    call.add_trailer("x-why", "token");
    return {Errc::kUnauthenticated, "no", "DETAILS"};
  }
  Status on_request(Call&, const Message& request) override {
    note([&] { last_name_ = static_cast<const Ask&>(request).name(); });
    return {};
  }
  void on_done(const Call& call, const Outcome& outcome) noexcept override {
    note([&] {
      peer_at_end_ = call.peer();
      ++codes_[outcome.status.code()];
      undelivered_ += !outcome.delivered;
      ++done_;
    });
  }

  /// False: it did not come to that.
  bool wait_done(int count) {
    return wait([&] { return done_ >= count; });
  }
  bool wait_begun(int count) {
    return wait([&] { return begun_ >= count; });
  }
  int begun() const {
    return read([&] { return begun_; });
  }
  int done() const {
    return read([&] { return done_; });
  }
  int undelivered() const {
    return read([&] { return undelivered_; });
  }
  int ended_with(Errc code) const {
    return read([&] { return codes_.count(code) ? codes_.at(code) : 0; });
  }
  using Metadata = std::vector<std::pair<std::string, std::string>>;
  Metadata last_metadata() const {
    return read([&] { return metadata_; });
  }
  std::string peer_at_end() const {
    return read([&] { return peer_at_end_; });
  }
  std::string last_name() const {
    return read([&] { return last_name_; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int begun_ = 0, done_ = 0, undelivered_ = 0;
  std::string peer_at_end_;
  std::map<Errc, int> codes_;
  std::string last_name_;
  Metadata metadata_;
};

/// Say by event: "never" waits for its cancel, "throw" throws, "facts" tells metadata and peer.
inline void say(CallPtr call, const Event& event) {
  if (event.type == Event::Type::kCancelled) return call->finish(call->cancel_status());
  if (event.type != Event::Type::kStarted) return;
  call->claim();
  const auto& ask = call->request<Ask>();
  if (ask.name() == "throw") throw std::runtime_error("secret");
  if (ask.name() == "never") return call->keep_alive();
  auto& answer = call->reply<Answer>();
  answer.set_text("hello " + ask.name());
  if (ask.name() == "facts") {
    answer.set_text(call->metadata("x-colour") + " " + call->peer());
    for (const auto& [key, value] : call->all_metadata())
      if (key == "x-colour") answer.set_text(answer.text() + " " + value);
    call->add_header("x-head", "h");
    call->add_trailer("x-tail", "t");
  }
  answer.mutable_payload()->assign(static_cast<std::size_t>(ask.count()), 'x');
  call->finish({});
}

/// The handlers, for whatever has on<M>(): functions or an actor.
template <class On>
void fill_echo(On on) {
  on.template operator()<EchoMethods::Say>(say);
  on.template operator()<EchoMethods::Countdown>([](const Ask& ask) {
    return [left = ask.count()](Answer& answer) mutable {
      answer.set_index(left);
      return left-- > 0;
    };
  });
  on.template operator()<EchoMethods::Collect>([] {
    return [](const Ask* ask, Answer& answer) {
      if (ask) answer.set_index(answer.index() + 1);
      return Status();
    };
  });
  on.template operator()<EchoMethods::Chat>([] {
    return [](const Ask* ask, Writer<Answer>& answers) {
      if (!ask) return Status();
      Answer answer;
      answer.set_text(ask->name());
      answers.write(std::move(answer));
      return Status();
    };
  });
}

class EchoActor final : public ServiceActor {
 public:
  EchoActor() {
    fill_echo([this]<class M>(auto handler) { on<M>(handler); });
  }
};

inline void add_echo_functions(MethodTable& table) {
  Functions<EchoMethods> echo;
  fill_echo([&]<class M>(auto handler) { echo.on<M>(handler); });
  for (const Method& method : echo.rows()) EXPECT_TRUE(table.add(method).ok());
}

/// Unless the options say otherwise: any free port of this host.
inline GrpcDoorOptions on_any_port(GrpcDoorOptions options = {}) {
  options.address = "127.0.0.1:0";
  return options;
}

struct GrpcWorld {
  MethodTable table;
  std::shared_ptr<Recorder> recorder = std::make_shared<Recorder>();
  std::unique_ptr<GrpcDoor> door;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<Echo::Stub> stub;

  explicit GrpcWorld(GrpcDoorOptions options = on_any_port(),
                     const std::function<void(MethodTable&)>& fill = add_echo_functions) {
    fill(table);
    table.intercept(recorder);
    auto opened = GrpcDoor::open(table, std::move(options));
    if (!opened) throw std::runtime_error(opened.error().to_string());
    door = std::move(*opened);
    if (door->port() > 0) connect(grpc::InsecureChannelCredentials());
  }

  std::string target() const { return "127.0.0.1:" + std::to_string(door->port()); }

  void connect(const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(-1);
    channel = grpc::CreateCustomChannel(target(), credentials, arguments);
    stub = Echo::NewStub(channel);
  }
};

inline Ask ask_for(const std::string& name, int count = 0) {
  Ask ask;
  ask.set_name(name);
  ask.set_count(count);
  return ask;
}

/// A call's context with a guard against hanging.
struct Context : grpc::ClientContext {
  Context() { set_deadline(system_clock().wall() + kHangGuard); }
};

}  // namespace brontes::testing
