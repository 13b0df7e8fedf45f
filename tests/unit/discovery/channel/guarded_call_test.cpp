// Calls of a channel inside guards, over connections by script.
#include <google/protobuf/wrappers.pb.h>
#include <brontes/actors/resilience/breaker.hpp>
#include <brontes/actors/resilience/bulkhead.hpp>
#include <brontes/actors/testkit/gtest.hpp>
#include <brontes/discovery/channel/guarded_call.hpp>
#include <optional>

#include "../fake_transport.hpp"

namespace brontes {
namespace {

using namespace std::chrono_literals;
using testing::FakeTransport;
using testing::good;

struct GetPrice {
  using Request = google::protobuf::StringValue;
  using Reply = google::protobuf::Int32Value;
  static constexpr Kind kind = Kind::kUnary;
  static constexpr std::string_view path = "/shop.v1.Shop/GetPrice";
};

struct GuardedCallScenario : ScenarioTest {
  GuardedCallScenario() {
    ChannelOptions options;
    options.transport = transport;
    options.retry = RetryPolicy::none();
    channel = Channel::open(system(), "static://a:1", options).value();
    run();
    transport->at("a:1").report(Connectivity::kReady);
    run();
  }
  ~GuardedCallScenario() override {
    channel.reset();
    run();
  }
  template <class Guarded>
  void start(const Guarded& guarded, CallOptions options = {}) {
    guarded_call<GetPrice>(guarded, *channel, {}, std::move(options))
        .then([](const std::function<void()>& job) { job(); },
              [this](Expected<google::protobuf::Int32Value> reply) {
                codes.push_back(reply ? Errc::kOk : reply.error().code());
              });
    run();
  }
  testing::FakeConnection& server() { return transport->at("a:1"); }

  std::shared_ptr<FakeTransport> transport = std::make_shared<FakeTransport>();
  std::optional<Channel> channel;
  std::vector<Errc> codes;
};

TEST_F(GuardedCallScenario, ABreakerKeepsCallsFromAServerThatFails) {
  const auto breaker = Breaker::make(system(), "shop").value();
  server().answer = [] { return UnaryReply{{Errc::kInternal, "broken"}, {}, {}, {}, true}; };
  for (int i = 0; i < 10; ++i) start(chain(breaker));
  EXPECT_EQ(server().requests.size(), 6u);
  EXPECT_EQ(codes.back(), Errc::kUnavailable);
  advance(60s);
  server().answer = good;
  start(chain(breaker));
  EXPECT_EQ(codes.back(), Errc::kOk);
  EXPECT_EQ(breaker->state().state, BreakerState::kClosed);
}

TEST_F(GuardedCallScenario, WhatItWaitsIsPartOfItsTime) {
  const auto room =
      Bulkhead::make(system(), "shop", {.max_concurrent = 1, .max_waiting = 1, .max_wait = 10s})
          .value();
  start(chain(room));
  start(chain(room), {.timeout = 5s});
  const TimePoint end = now() + 5s;
  advance(2s);
  server().take()(good());
  run();
  ASSERT_EQ(server().requests.size(), 2u);
  EXPECT_EQ(server().requests[1].deadline, end);
  server().take()(good());
  run();
}

TEST_F(GuardedCallScenario, ACancelledCallLeavesTheLine) {
  const auto room =
      Bulkhead::make(system(), "shop", {.max_concurrent = 1, .max_waiting = 1, .max_wait = 10s})
          .value();
  start(chain(room));
  CallOptions options;
  options.parent.cancellation = std::make_shared<Cancellation>();
  start(chain(room), options);
  options.parent.cancellation->request();
  run();
  EXPECT_EQ(codes, std::vector<Errc>{Errc::kCancelled});
  server().take()(good());
  run();
  EXPECT_EQ(server().requests.size(), 1u);
}

}  // namespace
}  // namespace brontes
