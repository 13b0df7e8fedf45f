// Channels as a whole: targets, endpoints that come and go, what stock stubs are told.
#include <future>
#include <thread>

#include "channel_fixture.hpp"

namespace brontes::testing {
namespace {

struct ChannelsTest : ChannelTest {
  grpc::Status say(Echo::Stub& stub, bool wait_for_ready = false) {
    grpc::ClientContext context;
    context.set_wait_for_ready(wait_for_ready);
    context.set_deadline(std::chrono::system_clock::now() + kHang);
    return stub.Say(&context, {}, &answer);
  }
  static void await_failing(const Channel& channel) {
    while (channel.wait_ready(1ms).message().find("failing") == std::string::npos) continue;
  }
  Answer answer;
};

TEST_F(ChannelsTest, StockStubsWaitWhileTheFirstConnectionIsMade) {
  // [stub]
  const auto channel = Channel::open(system, both());
  auto stub = Echo::NewStub(channel->stub_channel());
  // [/stub]
  const auto status = say(*stub);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(ChannelsTest, StockStubsAvoidADeadServerAndComeBackToIt) {
  const Channel channel = open(both(), 2);
  auto stub = Echo::NewStub(channel.stub_channel());
  b->stop();
  while (called(channel) > 1) std::this_thread::yield();
  for (int i = 0; i < 50; ++i) {
    const auto status = say(*stub);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(answer.text(), "A");
  }
  b = std::make_unique<EchoServer>("B2", b->port());
  ASSERT_TRUE(channel.wait_ready(kHang, 2).ok());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(say(*stub).ok());
  EXPECT_EQ(b->service.calls, 5);
}

TEST_F(ChannelsTest, WithoutEndpointsStockStubsFailAtOnceAndSayWhatIsThere) {
  a->stop();
  const auto channel = Channel::open(system, "static://" + a->address());
  await_failing(*channel);
  auto stub = Echo::NewStub(channel->stub_channel());
  const auto status = say(*stub);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_NE(status.error_message().find("call static://" + a->address() +
                                        ": none is ready of 1 endpoint: 1 failing"),
            std::string::npos)
      << status.error_message();

  std::promise<grpc::Status> promise;
  grpc::ClientContext context;
  Ask ask;
  stub->async()->Say(&context, &ask, &answer,
                     [&](grpc::Status ended) { promise.set_value(std::move(ended)); });
  EXPECT_EQ(promise.get_future().get().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ChannelsTest, WaitForReadyWaitsForAnyOfTheEndpoints) {
  a->stop();
  b->stop();
  const auto channel = Channel::open(system, both());
  await_failing(*channel);
  auto stub = Echo::NewStub(channel->stub_channel());
  auto waiting = std::async(std::launch::async, [&] { return say(*stub, true); });
  b = std::make_unique<EchoServer>("late", b->port());
  const auto status = waiting.get();
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(answer.text(), "late");
}

TEST_F(ChannelsTest, TwoChannelsShareNothingThatMatters) {
  auto one = std::make_unique<Channel>(open(both(), 2));
  const Channel two = open("static://" + a->address(), 1);
  ASSERT_TRUE(call<Say>(*one, {}).wait());
  one.reset();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(call<Say>(two, {}).wait());
}

TEST_F(ChannelsTest, OtherTargetsAreOfGrpcItself) {
  const Channel channel = open("dns:///" + a->address(), 1);
  auto stub = Echo::NewStub(channel.stub_channel());
  EXPECT_TRUE(say(*stub, true).ok());
  const auto said = call<Say>(channel, {}).wait();
  EXPECT_TRUE(said) << said.error().to_string();
  EXPECT_EQ(a->service.calls, 2);
}

TEST_F(ChannelsTest, StubsKeepTheConnectionsOpen) {
  auto channel = std::make_unique<Channel>(open(both(), 2));
  auto stub = Echo::NewStub(channel->stub_channel());
  channel.reset();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(say(*stub).ok());
  EXPECT_EQ(b->service.calls, 2);
}

TEST_F(ChannelsTest, ReportsItsStateToStockCode) {
  a->stop();
  const auto channel = Channel::open(system, "static://" + a->address());
  const auto stock = channel->stub_channel();
  EXPECT_FALSE(stock->WaitForConnected(gpr_time_from_millis(20, GPR_TIMESPAN)));
  a = std::make_unique<EchoServer>("A", a->port());
  EXPECT_TRUE(stock->WaitForConnected(std::chrono::system_clock::now() + kHang));
  EXPECT_EQ(stock->GetState(false), GRPC_CHANNEL_READY);
}

TEST_F(ChannelsTest, RefusesWhatCannotBe) {
  const auto error = [this](const std::string& target, ChannelOptions options = {}) {
    const auto channel = Channel::open(system, target, std::move(options));
    return channel ? "opened" : channel.error().message();
  };
  EXPECT_NE(error("memory:///greeter").find("needs a registry"), std::string::npos);
  EXPECT_NE(error("").find("empty"), std::string::npos);
  ChannelOptions best;
  best.balancing = BalancingOptions{.policy = "best"};
  EXPECT_NE(error("static://a:1", best).find("balancing.policy: 'best' is none of "),
            std::string::npos);
}

}  // namespace
}  // namespace brontes::testing
