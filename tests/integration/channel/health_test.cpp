// Channels that ask real servers how they are.
#include <algorithm>
#include <map>
#include <thread>

#include "channel_fixture.hpp"

namespace brontes::testing {
namespace {

struct HealthTest : ChannelTest {
  static ChannelOptions asking() {
    ChannelOptions options;
    options.health_service = "";
    return options;
  }
  /// Who answers ten calls.
  std::map<std::string, int> answers(const Channel& channel) {
    std::map<std::string, int> by;
    for (int i = 0; i < 10; ++i) {
      const auto reply = call<Say>(channel, {}).wait();
      ++by[reply ? reply->text() : reply.error().to_string()];
    }
    return by;
  }
  static void await_endpoints(const Channel& channel, std::size_t count) {
    const auto called = [&] {
      const auto all = channel.endpoints();
      return std::count_if(all.begin(), all.end(), [](const auto& each) { return each.called; });
    };
    while (called() != static_cast<std::ptrdiff_t>(count)) std::this_thread::yield();
  }
};

TEST_F(HealthTest, AServerThatDoesNotServeGetsNoCallsUntilItDoes) {
  grpc::EnableDefaultHealthCheckService(true);
  EchoServer sick("sick"), well("well");
  grpc::EnableDefaultHealthCheckService(false);
  const Channel channel = open("static://" + sick.address() + "," + well.address(), 2, asking());
  sick.health()->SetServingStatus(false);
  await_endpoints(channel, 1);
  EXPECT_EQ(answers(channel), (std::map<std::string, int>{{"well", 10}}));
  sick.health()->SetServingStatus(true);
  await_endpoints(channel, 2);
  EXPECT_EQ(answers(channel), (std::map<std::string, int>{{"sick", 5}, {"well", 5}}));
}

TEST_F(HealthTest, ServersWithoutHealthServe) {
  const Channel channel = open(both(), 2, asking());
  EXPECT_EQ(answers(channel), (std::map<std::string, int>{{"A", 5}, {"B", 5}}));
  EXPECT_EQ(channel.endpoints().size(), 2u);
}

TEST_F(HealthTest, WatchesAreNobodysCalls) {
  grpc::EnableDefaultHealthCheckService(true);
  EchoServer one("one");
  grpc::EnableDefaultHealthCheckService(false);
  const Channel channel = open("static://" + one.address(), 1, asking());
  EXPECT_TRUE(call<Say>(channel, {}).wait());
  EXPECT_EQ(channel.endpoints().at(0).in_flight, 0u);
}

}  // namespace
}  // namespace brontes::testing
