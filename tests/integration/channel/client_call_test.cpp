// call<M>: turns, retries, waiting, and what travels along.
#include <atomic>
#include <future>
#include <map>
#include <thread>
#include <vector>

#include "channel_fixture.hpp"

namespace brontes::testing {
namespace {

struct ClientCallTest : ChannelTest {
  static std::string metadata(const grpc::ServerContext& context, const std::string& key) {
    const auto at = context.client_metadata().find(key);
    if (at == context.client_metadata().end()) return "";
    return {at->second.data(), at->second.size()};
  }
  // Stops A while calls stand at its gate: Wait() would not return before they have left.
  std::future<void> cut_off_a() {
    return std::async(std::launch::async, [this] { a->stop(); });
  }
  static ChannelOptions retrying(const RetryPolicy& policy) {
    ChannelOptions options;
    options.retry = policy;
    return options;
  }
  void hold_a() {
    a->service.on_say = [this](auto&, auto&, auto&) {
      gate.pass();
      return grpc::Status::OK;
    };
  }
  void fail_both(grpc::StatusCode code, const std::string& pushback = "") {
    a->service.on_say = b->service.on_say = [=](grpc::ServerContext& context, auto&, auto&) {
      if (!pushback.empty()) context.AddTrailingMetadata("grpc-retry-pushback-ms", pushback);
      return grpc::Status(code, "told to");
    };
  }
  int served() const { return a->service.calls + b->service.calls; }

  Gate gate;
  Ask ask;
};

TEST_F(ClientCallTest, TakesTurnsAndSaysWhoAnswered) {
  const Channel channel = open(both(), 2);
  std::map<std::string, int> share;
  for (int i = 0; i < 20; ++i) {
    const auto said = call<Say>(channel, ask);
    ASSERT_TRUE(said.wait());
    EXPECT_EQ(said.facts().attempts, 1);
    ++share[said.facts().address];
  }
  EXPECT_EQ(share[a->address()], 10);
  EXPECT_EQ(share[b->address()], 10);
}

TEST_F(ClientCallTest, ContinuesOnAnExecutor) {
  const Channel channel = open(both(), 2);
  std::promise<Expected<Answer>> promise;
  const Executor here = [](const std::function<void()>& job) { job(); };
  // [then]
  call<Say>(channel, ask).then(here, [&](Expected<Answer> answer) {
    promise.set_value(std::move(answer));
  });
  // [/then]
  EXPECT_TRUE(promise.get_future().get());
}

TEST_F(ClientCallTest, CarriesBytesWithoutTypes) {
  const Channel channel = open(both(), 2);
  const auto bytes = call_bytes(channel, Say::path, ask.SerializeAsString()).wait();
  ASSERT_TRUE(bytes);
  Answer answer;
  ASSERT_TRUE(answer.ParseFromString(*bytes));
  EXPECT_TRUE(answer.text() == "A" || answer.text() == "B");
}

TEST_F(ClientCallTest, IsSentOnceMoreElsewhereWhenItsServerDies) {
  hold_a();
  std::atomic<int> repeated{0};
  b->service.on_say = [&](grpc::ServerContext& context, auto&, auto&) {
    if (metadata(context, "x-previous-rpc-attempts") == "1") ++repeated;
    return grpc::Status::OK;
  };
  const Channel channel = open(both(), 2);
  const auto one = call<Say>(channel, ask), two = call<Say>(channel, ask);
  gate.await(1);
  auto stopping = cut_off_a();
  EXPECT_TRUE(one.wait());
  EXPECT_TRUE(two.wait());
  EXPECT_EQ(one.facts().attempts + two.facts().attempts, 3);
  EXPECT_EQ(repeated, 1);
  gate.open();
}

TEST_F(ClientCallTest, IsNotSentAgainWhenThatIsSwitchedOff) {
  hold_a();
  RetryPolicy once;
  once.max_resends = 0;
  const Channel channel = open(both(), 2, retrying(once));
  const auto one = call<Say>(channel, ask), two = call<Say>(channel, ask);
  gate.await(1);
  auto stopping = cut_off_a();
  const auto first = one.wait(), second = two.wait();
  EXPECT_NE(first.has_value(), second.has_value());
  EXPECT_EQ((first ? second : first).error().code(), Errc::kUnavailable);
  gate.open();
}

TEST_F(ClientCallTest, OnlyCoveredCodesAreRetried) {
  fail_both(grpc::StatusCode::NOT_FOUND);
  const Channel channel = open(both(), 2);
  const auto said = call<Say>(channel, ask).wait();
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().code(), Errc::kNotFound);
  EXPECT_EQ(said.error().message(), "told to");
  EXPECT_EQ(served(), 1);
}

TEST_F(ClientCallTest, IdempotentCallsAreRetriedUpToTheLimit) {
  fail_both(grpc::StatusCode::UNAVAILABLE);
  const Channel channel = open(both(), 2);
  const auto said = call<Say>(channel, ask, {.idempotent = true});
  EXPECT_EQ(said.wait().error().code(), Errc::kUnavailable);
  EXPECT_EQ(said.facts().attempts, 3);
  EXPECT_EQ(served(), 3);
}

TEST_F(ClientCallTest, TheServerMayForbidRetries) {
  for (const char* no : {"-1", "soon"}) {
    fail_both(grpc::StatusCode::UNAVAILABLE, no);
    const Channel channel = open(both(), 2);
    const auto said = call<Say>(channel, ask, {.idempotent = true});
    EXPECT_FALSE(said.wait());
    EXPECT_EQ(said.facts().attempts, 1) << no;
  }
}

TEST_F(ClientCallTest, TheServerMaySayWhenToRetry) {
  fail_both(grpc::StatusCode::UNAVAILABLE, "0");
  RetryPolicy slow;
  slow.base = slow.max = 1h;  // beyond the deadline: without the pushback there is one attempt
  const Channel channel = open(both(), 2);
  const auto said = call<Say>(channel, ask, {.retry = slow, .idempotent = true});
  EXPECT_FALSE(said.wait());
  EXPECT_EQ(said.facts().attempts, 3);
}

TEST_F(ClientCallTest, ContextOfTheParentTravelsAlong) {
  std::promise<std::string> seen;
  a->service.on_say = [&](grpc::ServerContext& context, auto&, auto&) {
    seen.set_value(metadata(context, "x-request-id") + " " + metadata(context, "traceparent") +
                   " " + metadata(context, "tracestate") + " " + metadata(context, "mine"));
    return grpc::Status::OK;
  };
  CallContext parent;
  parent.request_id = "r1";
  parent.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  parent.tracestate = "k=v";
  ASSERT_TRUE(call<Say>(open("static://" + a->address(), 1), ask,
                        {.metadata = {{"mine", "m"}}, .parent = parent})
                  .wait());
  EXPECT_EQ(seen.get_future().get(), "r1 " + parent.traceparent + " k=v m");
}

TEST_F(ClientCallTest, EndsWithTheDeadlineOfItsParent) {
  hold_a();
  CallContext parent;
  parent.deadline = system.clock().now() + 20ms;
  const auto said = call<Say>(open("static://" + a->address(), 1), ask, {.parent = parent}).wait();
  EXPECT_EQ(said.error().code(), Errc::kDeadlineExceeded);
  gate.open();
}

TEST_F(ClientCallTest, EndsWhenItsParentIsCancelled) {
  hold_a();
  CallContext parent;
  parent.cancellation = std::make_shared<Cancellation>();
  const auto said = call<Say>(open("static://" + a->address(), 1), ask, {.parent = parent});
  gate.await(1);
  parent.cancellation->request();
  EXPECT_EQ(said.wait().error().code(), Errc::kCancelled);
  gate.open();
}

TEST_F(ClientCallTest, WaitsForAnEndpointUpToItsDeadline) {
  a->stop();
  const auto channel = Channel::open(system, "static://" + a->address());
  const auto said = call<Say>(*channel, ask, {.timeout = 50ms}).wait();
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().code(), Errc::kUnavailable);
  EXPECT_NE(said.error().message().find("none is ready of 1 endpoint:"), std::string::npos)
      << said.error().message();
  const Status one = channel->wait_ready(1ms);
  EXPECT_NE(one.message().find("wait for 1 endpoint of static://"), std::string::npos)
      << one.message();
}

TEST_F(ClientCallTest, GoesOnWhenAnEndpointComesUp) {
  a->stop();
  const auto channel = Channel::open(system, "static://" + a->address());
  const auto waiting = call<Say>(*channel, ask, {.timeout = kHang});
  a = std::make_unique<EchoServer>("late", a->port());
  const auto said = waiting.wait();
  ASSERT_TRUE(said) << said.error().to_string();
  EXPECT_EQ(said->text(), "late");
}

TEST_F(ClientCallTest, EndsWhenItsChannelGoesWhileItWaits) {
  a->stop();
  auto channel = Channel::open(system, "static://" + a->address());
  const auto waiting = call<Say>(*channel, ask, {.timeout = Duration::max()});
  channel = fail(Errc::kUnknown, "gone");
  EXPECT_EQ(waiting.wait().error().code(), Errc::kUnavailable);
}

TEST_F(ClientCallTest, OutlivesItsChannelInFlight) {
  hold_a();
  auto channel = std::make_unique<Channel>(open("static://" + a->address(), 1));
  const auto said = call<Say>(*channel, ask);
  gate.await(1);
  channel.reset();
  gate.open();
  EXPECT_TRUE(said.wait());
}

}  // namespace
}  // namespace brontes::testing
