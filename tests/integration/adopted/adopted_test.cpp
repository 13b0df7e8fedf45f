
#include "adopted_world.hpp"

namespace brontes::testing {
namespace {

struct AdoptedCalls : ::testing::TestWithParam<Way> {
  AdoptedWorld world{GetParam().callback};
  const Kind kind = GetParam().kind;

  Heard call(std::map<std::string, std::string> metadata = {}) {
    return world.call(kind, metadata);
  }

  std::string request() const {
    return kind == Kind::kUnary ? "request name: \"ada\"" : "request name: \"ada\" count: 2";
  }

  /// Headers and request (where there is one) of both, what comes between, both ends.
  Entries passing(const Entries& between, const std::string& code) const {
    Entries all = {"outer headers", "inner headers"};
    if (has_one_request(kind)) {
      all.push_back("outer " + request());
      all.push_back("inner " + request());
    }
    all.insert(all.end(), between.begin(), between.end());
    all.push_back("inner done " + code);
    all.push_back("outer done " + code);
    return all;
  }
};

INSTANTIATE_TEST_SUITE_P(Every, AdoptedCalls, every_way(), name_of_way);

TEST_P(AdoptedCalls, PassTheChainOnceAround) {
  const Heard heard = call();
  EXPECT_TRUE(heard.status.ok()) << heard.status.error_message();
  static const std::map<Kind, std::vector<std::string>> kAnswers = {
      {Kind::kUnary, {"hello ada"}},
      {Kind::kServerStream, {"2", "1"}},
      {Kind::kClientStream, {"2"}},
      {Kind::kBidi, {"ada", "eve"}}};
  EXPECT_EQ(heard.answers, kAnswers.at(kind));
  EXPECT_EQ(world.diary.wait_for("outer done"), passing({"handler"}, "OK"));
}

TEST_P(AdoptedCalls, AreRefusedBeforeTheHandlerWithDetailsAndTrailers) {
  const Heard heard = call({{"x-refuse", "headers"}});
  EXPECT_EQ(heard.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(heard.status.error_message(), "not today");
  EXPECT_EQ(heard.status.error_details(), "DETAILS");
  EXPECT_EQ(heard.why, "headers");
  EXPECT_EQ(world.diary.wait_for("outer done"),
            (Entries{"outer headers", "inner headers", "inner done RESOURCE_EXHAUSTED",
                     "outer done RESOURCE_EXHAUSTED"}));
}

TEST_P(AdoptedCalls, AreRefusedForTheirRequest) {
  if (!has_one_request(kind)) GTEST_SKIP() << "the chain sees no messages of request streams";
  const Heard heard = call({{"x-refuse", "request"}});
  EXPECT_EQ(heard.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(heard.status.error_details(), "DETAILS");
  EXPECT_EQ(world.diary.wait_for("outer done"), passing({}, "RESOURCE_EXHAUSTED"));
}

TEST_P(AdoptedCalls, EndWithTheStatusOfTheirHandler) {
  const Heard heard = call({{"x-do", "fail"}});
  EXPECT_EQ(heard.status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(heard.status.error_message(), "failed");
  EXPECT_EQ(heard.status.error_details(), "OWN DETAILS");
  EXPECT_EQ(world.diary.wait_for("outer done"), passing({"handler"}, "ABORTED"));
}

TEST_P(AdoptedCalls, EndOnceWhenTheirCallerLeaves) {
  const Heard heard = call({{"x-do", "wait"}});
  EXPECT_EQ(heard.status.error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(world.diary.wait_for("outer done"), passing({"handler", "left"}, "CANCELLED"));
}

TEST_P(AdoptedCalls, EndWithAnIncidentWhenTheirHandlerThrows) {
  const Heard heard = call({{"x-do", "throw"}});
  EXPECT_EQ(heard.status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_TRUE(heard.status.error_message().starts_with("internal error, incident "))
      << heard.status.error_message();
  EXPECT_EQ(world.diary.wait_for("outer done"), passing({"handler"}, "INTERNAL"));
}

// gRPC would end the process.
TEST_P(AdoptedCalls, SendWithoutTheMetadataThatCannotTravel) {
  const Heard heard = call({{"x-do", "odd"}});
  EXPECT_TRUE(heard.status.ok()) << heard.status.error_message();
  EXPECT_EQ(heard.why, "fine");
  EXPECT_TRUE(call().status.ok()) << "and the server lives";
}

TEST_P(AdoptedCalls, AreCountedUntilTheyEnd) {
  world.cancel_after = "counted";
  std::jthread caller([this] { call({{"x-do", "wait"}}); });
  world.diary.wait_for("handler");
  EXPECT_EQ(world.door->calls_in_flight(), 1u);
  world.diary.note("counted");
  world.diary.wait_for("outer done");
  world.door->drain();
  world.door->wait();
  EXPECT_EQ(world.door->calls_in_flight(), 0u);
}

TEST_P(AdoptedCalls, AreAllEndedOnceUnderManyThreads) {
  constexpr int kThreads = 4, kCalls = 25;
  {
    std::vector<std::jthread> callers;
    for (int thread = 0; thread < kThreads; ++thread)
      callers.emplace_back([this] {
        for (int i = 0; i < kCalls; ++i)
          call(i % 3 == 0 ? std::map<std::string, std::string>{{"x-refuse", "headers"}}
                          : std::map<std::string, std::string>{});
      });
  }
  const Entries all = world.diary.wait_for("outer done", kThreads * kCalls);
  world.door.reset();
  const auto count = [&](const std::string& begin) {
    return std::count_if(all.begin(), all.end(),
                         [&](const std::string& entry) { return entry.starts_with(begin); });
  };
  EXPECT_EQ(count("outer headers"), kThreads * kCalls);
  EXPECT_EQ(count("outer done"), kThreads * kCalls);
  EXPECT_EQ(count("handler"), kThreads * (kCalls - 9));
}

}  // namespace
}  // namespace brontes::testing
