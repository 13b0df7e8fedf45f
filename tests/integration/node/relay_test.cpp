// A service actor that calls another service through discovery, both on nodes with doors of their
// own: it never waits, and what a call carries travels along.
#include <atomic>
#include <brontes/discovery/channel/client_call.hpp>
#include <future>

#include "../runtime/raw_http2.hpp"
#include "node_world.hpp"

namespace brontes::testing {
namespace {

using Hello::HelloReply;
using Hello::HelloReq;
using SayHello = GreeterMethods::SayHello;

class Relay final : public ServiceActor {
 public:
  explicit Relay(const Channel& channel) {
    on<SayHello>([this, channel](const HelloReq& request, Reply<SayHello> reply) {
      call<SayHello>(channel, request, {.parent = reply.call().context()})
          .then(executor(), [reply = std::move(reply)](Expected<HelloReply> answer) mutable {
            if (!answer) return reply.finish(answer.error());
            reply->set_message("relayed: " + answer->message());
            reply.finish();
          });
    });
  }
};

/// What the last service of the chain sees. "hold" is never answered, "refuse" is always refused.
struct Seen {
  std::promise<void> held;
  std::promise<Status> cancelled;
  TimePoint deadline;
  std::string request_id, traceparent, tracestate;
  std::atomic<int> refused{0};
};

class Backend final : public ServiceActor {
 public:
  explicit Backend(std::shared_ptr<Seen> seen) : seen_(std::move(seen)) {
    on<SayHello>([this](const CallPtr& call, const Event& event) {
      if (event.type == Event::Type::kCancelled)
        return seen_->cancelled.set_value(call->cancel_status());
      seen_->deadline = call->deadline();
      seen_->request_id = call->request_id();
      seen_->traceparent = call->metadata("traceparent");
      seen_->tracestate = call->metadata("tracestate");
      const auto& name = call->request<HelloReq>().name();
      if (name == "hold") return seen_->held.set_value();
      if (name == "refuse") {
        ++seen_->refused;
        return call->finish({Errc::kUnavailable, "told to"});
      }
      call->reply<HelloReply>().set_message("hello, " + name);
      call->finish({});
    });
  }

 private:
  std::shared_ptr<Seen> seen_;
};

struct RelayTest : ::testing::Test {
  RelayTest() {
    backend.serve<GreeterMethods>(actor<Backend>(seen));
    EXPECT_TRUE(backend.start().ok());
    auto channel = relay.channel("discovery:///greeter/v1");
    EXPECT_TRUE(channel && channel->wait_ready(kHang).ok());
    relay.serve<GreeterMethods>(actor<Relay>(*channel));
    EXPECT_TRUE(relay.start().ok());
    stub = Hello::Greeter::NewStub(
        grpc::CreateChannel(relay.address(), grpc::InsecureChannelCredentials()));
  }
  ~RelayTest() override {
    stub.reset();
    (void)relay.stop();
    (void)backend.stop();
  }
  static Settings relay_settings() {
    Settings settings = settings_for_test();
    settings.name = "relay";
    return settings;
  }
  grpc::Status ask(grpc::ClientContext& context, const std::string& name) {
    HelloReq request;
    request.set_name(name);
    return stub->SayHello(&context, request, &reply);
  }

  System system{{.threads = 2}};
  std::shared_ptr<Seen> seen = std::make_shared<Seen>();
  Node backend{settings_for_test(), system};
  Node relay{relay_settings(), system};
  std::unique_ptr<Hello::Greeter::Stub> stub;
  HelloReply reply;
};

TEST_F(RelayTest, DeadlineAndTraceContextTravelAlong) {
  constexpr auto kTimeout = 5s;
  const TimePoint begun = system.clock().now();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kTimeout);
  context.AddMetadata("x-request-id", "r-1");
  context.AddMetadata("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  context.AddMetadata("tracestate", "k=v");
  ASSERT_TRUE(ask(context, "ada").ok());
  EXPECT_EQ(reply.message(), "relayed: hello, ada");
  EXPECT_EQ(seen->request_id, "r-1");
  EXPECT_EQ(seen->traceparent, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  EXPECT_EQ(seen->tracestate, "k=v");
  EXPECT_LT(seen->deadline, begun + 30s) << "not the default: the caller's";
}

TEST_F(RelayTest, RepeatsNoCallOfACallerThatRepeats) {
  grpc::ClientContext plain;
  EXPECT_EQ(ask(plain, "refuse").error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(seen->refused, 2) << "once more";
  grpc::ClientContext repeated;
  repeated.AddMetadata("x-retry-owner", "1");
  EXPECT_EQ(ask(repeated, "refuse").error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(seen->refused, 3);
}

// What no gRPC library would send: a header with a byte that is no text.
std::string odd_call(const std::string& key, const std::string& value) {
  return http2_greeting() + call_headers("/Hello.Greeter/SayHello", header(key, value)) +
         frame(Frame::kData, kEndStream, 1, std::string("\0\0\0\0\3\x0a\1x", 8));
}

TEST_F(RelayTest, TraceContextThatIsNoTextIsNotHandedOn) {
  for (const char* key : {"tracestate", "traceparent"}) {
    const std::string answer = exchange(relay.port(), odd_call(key, "a=\xff"), "relayed: hello, x");
    EXPECT_NE(answer.find("relayed: hello, x"), std::string::npos) << key;
    EXPECT_EQ(key == std::string("tracestate") ? seen->tracestate : seen->traceparent, "");
  }
}

TEST_F(RelayTest, CancellationReachesTheLastService) {
  grpc::ClientContext context;
  auto asked = std::async(std::launch::async, [&] { return ask(context, "hold"); });
  ASSERT_EQ(seen->held.get_future().wait_for(kHang), std::future_status::ready);
  context.TryCancel();
  EXPECT_EQ(asked.get().error_code(), grpc::StatusCode::CANCELLED);
  auto cancelled = seen->cancelled.get_future();
  ASSERT_EQ(cancelled.wait_for(kHang), std::future_status::ready);
  EXPECT_EQ(cancelled.get().code(), Errc::kCancelled);
}

TEST_F(RelayTest, ServesOthersWhileItAwaitsAnAnswer) {
  grpc::ClientContext held;
  auto asked = std::async(std::launch::async, [&] {
    HelloReq request;
    HelloReply never;
    request.set_name("hold");
    return stub->SayHello(&held, request, &never);
  });
  ASSERT_EQ(seen->held.get_future().wait_for(kHang), std::future_status::ready);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kHang);
  EXPECT_TRUE(ask(context, "ada").ok());
  EXPECT_EQ(reply.message(), "relayed: hello, ada");
  held.TryCancel();
  (void)asked.get();
}

}  // namespace
}  // namespace brontes::testing
