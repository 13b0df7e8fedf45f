// Messages of adopted streams: the chain sees every one, both ways, and may end the call for one.
#include <atomic>

#include "adopted_world.hpp"

namespace brontes::testing {
namespace {

/// Enters every message. Refuses requests by the name of "eve" if the metadata `x-censor` is there,
/// throws over them if it says "throw".
class Censor final : public MessageInterceptor {
 public:
  explicit Censor(Diary& diary) : diary_(diary) {}
  const char* name() const override { return "censor"; }

  Status on_received(Call& call, const Message& request) override {
    const auto& ask = static_cast<const Ask&>(request);
    diary_.note("received " + ask.name());
    const std::string censor = call.metadata("x-censor");
    if (censor.empty() || ask.name() != "eve") return {};
    if (censor == "throw") throw std::runtime_error("secret");
    return {Errc::kInvalidArgument, "no eve", "DETAILS"};
  }
  void on_sent(const Call&, const Message& reply) noexcept override {
    const auto& answer = static_cast<const Answer&>(reply);
    diary_.note("sent " + answer.text() + std::to_string(answer.index()));
  }

 private:
  Diary& diary_;
};

struct AdoptedMessages : ::testing::TestWithParam<Way> {
  Diary seen;
  AdoptedWorld world{GetParam().callback, {}, {std::make_shared<Censor>(seen)}};
  const Kind kind = GetParam().kind;

  Heard call(const std::map<std::string, std::string>& metadata = {}) {
    Heard heard = world.call(kind, metadata);
    world.diary.wait_for("outer done");
    return heard;
  }
};

INSTANTIATE_TEST_SUITE_P(Every, AdoptedMessages, every_way(), name_of_way);

TEST_P(AdoptedMessages, AreSeenByTheChainAllAndBothWays) {
  EXPECT_TRUE(call().status.ok());
  static const std::map<Kind, Entries> kSeen = {
      {Kind::kUnary, {"received ada", "sent hello ada0"}},
      {Kind::kServerStream, {"received ada", "sent 2", "sent 1"}},
      {Kind::kClientStream, {"received ada", "received eve", "sent 2"}},
      {Kind::kBidi, {"received ada", "sent ada0", "received eve", "sent eve0"}}};
  EXPECT_EQ(seen.wait_for("sent"), kSeen.at(kind));
}

TEST_P(AdoptedMessages, AreNotSeenOfACallThatTheChainRefused) {
  call({{"x-refuse", "headers"}});
  EXPECT_EQ(seen.wait_for("", 0), Entries());
}

struct AdoptedRequestStreams : AdoptedMessages {};

INSTANTIATE_TEST_SUITE_P(Every, AdoptedRequestStreams,
                         ::testing::Values(Way{false, Kind::kClientStream}, Way{false, Kind::kBidi},
                                           Way{true, Kind::kClientStream}, Way{true, Kind::kBidi}),
                         name_of_way);

TEST_P(AdoptedRequestStreams, EndWithTheStatusOfTheChainThatRefusesARequest) {
  const Heard heard = call({{"x-censor", "yes"}});
  EXPECT_EQ(heard.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(heard.status.error_message(), "no eve");
  EXPECT_EQ(heard.status.error_details(), "DETAILS");
  EXPECT_EQ(heard.answers.size(), kind == Kind::kBidi ? 1u : 0u);
  EXPECT_EQ(world.diary.entry("outer done"), "outer done INVALID_ARGUMENT");
  EXPECT_EQ(seen.wait_for("received eve").back(), "received eve") << "the last that was seen";
}

TEST_P(AdoptedRequestStreams, EndWithAnIncidentWhenTheChainThrowsOverARequest) {
  const Heard heard = call({{"x-censor", "throw"}});
  EXPECT_EQ(heard.status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_TRUE(heard.status.error_message().starts_with("internal error, incident "))
      << heard.status.error_message();
  EXPECT_EQ(world.diary.entry("outer done"), "outer done INTERNAL");
}

struct AdoptedReplies : ::testing::TestWithParam<bool> {
  Diary seen;
  AdoptedWorld world{GetParam(), {}, {std::make_shared<Censor>(seen)}};
};

INSTANTIATE_TEST_SUITE_P(Both, AdoptedReplies, ::testing::Bool());

TEST_P(AdoptedReplies, AreSeenWhenTheyLeaveTogetherWithTheStatus) {
  EXPECT_EQ(world.call(Kind::kServerStream, {{"x-do", "last"}}).answers,
            (std::vector<std::string>{"2", "1"}));
  EXPECT_EQ(seen.wait_for("sent", 2), (Entries{"received ada", "sent 2", "sent 1"}));
}

TEST_P(AdoptedReplies, AreNotSeenOfACallThatFailed) {
  for (const Kind kind : {Kind::kUnary, Kind::kClientStream}) {
    world.call(kind, {{"x-do", "fail"}});
    world.diary.wait_for("outer done");
    world.diary.turn_page();
  }
  EXPECT_EQ(seen.wait_for("received", 3),
            (Entries{"received ada", "received ada", "received eve"}));
}

TEST_P(AdoptedReplies, DoNotLeaveOnceTheChainHasRefusedARequest) {
  const Heard heard = world.call(Kind::kBidi, {{"x-censor", "yes"}, {"x-do", "encore"}});
  EXPECT_EQ(heard.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(heard.answers, std::vector<std::string>{"ada"});
  world.diary.wait_for("outer done");
  EXPECT_EQ(seen.wait_for("received eve"), (Entries{"received ada", "sent ada0", "received eve"}));
}

// Its reactor waits for its next write, or for an event: it cannot be made to finish.
TEST(AdoptedRefusalOfARequest, EndsAStreamWhoseReactorIgnoresTheEnd) {
  Diary seen;
  AdoptedWorld world(true, {}, {std::make_shared<Censor>(seen)});
  EXPECT_EQ(
      world.call(Kind::kClientStream, {{"x-censor", "yes"}, {"x-do", "idle"}}).status.error_code(),
      grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(world.diary.entry("outer done"), "outer done INVALID_ARGUMENT");
}

}  // namespace
}  // namespace brontes::testing
