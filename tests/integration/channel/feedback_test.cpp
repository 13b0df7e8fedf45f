// What comes back from calls over real connections: to the stats of endpoints, and by keys.
#include <brontes/discovery/balancing/load_report.hpp>
#include <brontes/discovery/channel/detail/channel_core.hpp>
#include <set>
#include <string>
#include <vector>

#include "channel_fixture.hpp"

namespace brontes::testing {
namespace {

struct Feedback : ChannelTest {
  std::shared_ptr<const CallStats> stats(const Channel& channel) {
    return channel.core()->picker->get()->candidates().at(0).endpoint->shared_stats();
  }
  Channel open_keyed(const std::string& key) {
    ChannelOptions options;
    options.balancing = BalancingOptions{.policy = "ring_hash", .key = key, .bounded_load = 0};
    return open(both(), 2, options);
  }
  /// So many that not all of them belong to one server, whatever its port.
  static std::vector<std::string> users() {
    std::vector<std::string> all;
    for (int i = 0; i < 40; ++i) all.push_back("user-" + std::to_string(i));
    return all;
  }
  Ask ask;
  Answer answer;
};

TEST_F(Feedback, OfStockStubsReachesTheEndpoint) {
  const Channel channel = open("static://" + a->address(), 1);
  const auto stub = Echo::NewStub(channel.stub_channel());
  grpc::ClientContext context;
  ASSERT_TRUE(stub->Say(&context, ask, &answer).ok());
  EXPECT_EQ(stats(channel)->succeeded(), 1u);
  EXPECT_GT(stats(channel)->latency(), 0);
  EXPECT_EQ(stats(channel)->in_flight(), 0u);

  a->service.on_say = [](auto&, auto&, auto&) {
    return grpc::Status(grpc::StatusCode::INTERNAL, "told to");
  };
  grpc::ClientContext failing;
  EXPECT_FALSE(stub->Say(&failing, ask, &answer).ok());
  EXPECT_EQ(stats(channel)->failed(), 1u);
  EXPECT_LT(stats(channel)->success(), 1);
}

TEST_F(Feedback, OfStreamsIsHowTheyEndAndNotHowLongTheyTake) {
  const Channel channel = open("static://" + a->address(), 1);
  const auto stub = Echo::NewStub(channel.stub_channel());
  grpc::ClientContext context;
  ask.set_count(3);
  auto stream = stub->Countdown(&context, ask);
  EXPECT_EQ(stats(channel)->in_flight(), 1u);
  EXPECT_FALSE(stats(channel)->is_waiting());
  while (stream->Read(&answer)) {
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(stats(channel)->succeeded(), 1u);
  EXPECT_EQ(stats(channel)->latency(), 0);
}

TEST_F(Feedback, OfCallsIsTheSameAndTheLoadThatTheServerReports) {
  a->service.on_say = [](grpc::ServerContext& context, auto&, auto&) {
    context.AddTrailingMetadata(kLoadReportTrailer, to_bytes({.cpu = 0.5}));
    return grpc::Status::OK;
  };
  const Channel channel = open("static://" + a->address(), 1);
  ASSERT_TRUE(call<Say>(channel, ask).wait());
  EXPECT_EQ(stats(channel)->succeeded(), 1u);
  EXPECT_EQ(stats(channel)->reports(), 1u);
  EXPECT_EQ(stats(channel)->cpu(), 0.5f);
}

TEST_F(Feedback, CallsOfOneHeaderGoTogetherStockStubsToo) {
  const Channel channel = open_keyed("header:x-user");
  const auto stub = Echo::NewStub(channel.stub_channel());
  std::set<std::string> all;
  for (const std::string& user : users()) {
    std::set<std::string> answered;
    for (int i = 0; i < 2; ++i) {
      grpc::ClientContext context;
      context.AddMetadata("x-user", user);
      ASSERT_TRUE(stub->Say(&context, ask, &answer).ok());
      answered.insert(answer.text());
      const auto said = call<Say>(channel, ask, {.metadata = {{"x-user", user}}}).wait();
      ASSERT_TRUE(said);
      answered.insert(said->text());
    }
    EXPECT_EQ(answered.size(), 1u) << user;
    all.merge(answered);
  }
  EXPECT_EQ(all.size(), 2u);
}

TEST_F(Feedback, CallsOfOneFieldGoTogether) {
  const Channel channel = open_keyed("field:name");
  std::set<std::string> all;
  for (const std::string& name : users()) {
    ask.set_name(name);
    std::set<std::string> answered;
    for (int i = 0; i < 2; ++i) {
      const auto said = call<Say>(channel, ask);
      ASSERT_TRUE(said.wait());
      answered.insert(said.facts().address);
    }
    // What the call itself says beats the field.
    const auto other = call<Say>(channel, Ask(), {.key = name});
    ASSERT_TRUE(other.wait());
    answered.insert(other.facts().address);
    EXPECT_EQ(answered.size(), 1u) << name;
    all.merge(answered);
  }
  EXPECT_EQ(all.size(), 2u);
}

}  // namespace
}  // namespace brontes::testing
