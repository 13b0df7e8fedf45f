#include <gtest/gtest.h>
#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/testkit/local_door.hpp>
#include <brontes/actors/testkit/scenario.hpp>
#include <brontes/runtime/interceptors/access_log.hpp>
#include <brontes/runtime/interceptors/deadline.hpp>
#include <brontes/runtime/interceptors/request_id.hpp>
#include <testing.brontes.hpp>
#include <vector>

namespace brontes {
namespace {

using namespace std::chrono_literals;
using testing::Answer;
using testing::Ask;
using Echo = testing::EchoMethods;

struct Intercepted : ::testing::Test {
  Intercepted() {
    Functions<Echo> echo;
    echo.on<Echo::Say>([this](const Ask&, Answer&, Call& call) {
      ++served;
      deadline = call.deadline();
      request_id = call.context().request_id;
      return answer;
    });
    for (const Method& method : echo.rows()) EXPECT_TRUE(table.add(method).ok());
  }

  LocalCall<Echo::Say> start(LocalCallOptions options = {}) {
    return door.start<Echo::Say>({}, std::move(options));
  }

  Scenario stage;
  MethodTable table{stage.system().clock()};
  LocalDoor door{stage.system(), table};
  int served = 0;
  TimePoint deadline;
  std::string request_id;
  Status answer;
};

struct WithRequestId : Intercepted {
  WithRequestId() { table.intercept(std::make_shared<RequestId>()); }
};

TEST_F(WithRequestId, TakesTheCallersIdAndAnswersIt) {
  auto call = start({.metadata = {{"x-request-id", "abc-1"}}});
  EXPECT_TRUE(call.status().ok());
  EXPECT_EQ(request_id, "abc-1");
  EXPECT_EQ(call.header("x-request-id"), "abc-1");
}

TEST_F(WithRequestId, MakesOneThatIsNew) {
  start();
  const std::string first = request_id;
  start();
  EXPECT_EQ(first.size(), 32u);
  EXPECT_EQ(first.find_first_not_of("0123456789abcdef"), std::string::npos) << first;
  EXPECT_NE(first, request_id);
}

TEST_F(WithRequestId, AnswersTheOneItMadeWhenTheCallFails) {
  EXPECT_EQ(start().header("x-request-id"), "");
  answer = {Errc::kNotFound, "no such thing"};
  auto failed = start();
  EXPECT_EQ(failed.status().code(), Errc::kNotFound);
  EXPECT_EQ(failed.header("x-request-id"), request_id);
}

TEST_F(WithRequestId, ReplacesWhatWouldNeedEscapingOrIsTooLong) {
  const std::string too_long(129, 'a');
  for (const std::string& bad : {std::string("a b"), std::string("a\nb"), std::string("a\"b"),
                                 std::string("\x80"), too_long}) {
    auto call = start({.metadata = {{"x-request-id", bad}}});
    EXPECT_EQ(request_id.size(), 32u) << bad;
    EXPECT_EQ(call.header("x-request-id"), "");
  }
  auto call = start({.metadata = {{"x-request-id", std::string(128, 'a')}}});
  EXPECT_EQ(call.header("x-request-id"), std::string(128, 'a'));
}

TEST_F(Intercepted, DeadlineIsLeftAloneByDefault) {
  table.intercept(std::make_shared<Deadline>(stage.system()));
  EXPECT_TRUE(start().status().ok());
  EXPECT_EQ(deadline, TimePoint::max());
  EXPECT_TRUE(start({.timeout = 3s}).status().ok());
  EXPECT_EQ(deadline, stage.now() + 3s);
}

TEST_F(Intercepted, DeadlineRefusesWhatArrivesExpired) {
  table.intercept(std::make_shared<Deadline>(stage.system()));
  EXPECT_EQ(start({.timeout = 0s}).status().code(), Errc::kDeadlineExceeded);
  EXPECT_EQ(served, 0);
}

TEST_F(Intercepted, DeadlineHasADefaultAndALimit) {
  table.intercept(std::make_shared<Deadline>(stage.system(), DeadlineOptions{10s, 20s}));
  EXPECT_TRUE(start().status().ok());
  EXPECT_EQ(deadline, stage.now() + 10s);
  EXPECT_TRUE(start({.timeout = 15s}).status().ok());
  EXPECT_EQ(deadline, stage.now() + 15s);
  EXPECT_TRUE(start({.timeout = 30s}).status().ok());
  EXPECT_EQ(deadline, stage.now() + 20s);
}

TEST_F(Intercepted, DeadlineLimitsCallsWithoutOneToo) {
  table.intercept(std::make_shared<Deadline>(stage.system(), DeadlineOptions{0s, 20s}));
  EXPECT_TRUE(start().status().ok());
  EXPECT_EQ(deadline, stage.now() + 20s);
}

// Served besides by a handler that keeps its Replies.
struct WithLimit : Intercepted {
  WithLimit() {
    table.intercept(std::make_shared<Deadline>(stage.system(), DeadlineOptions{10s, 20s}));
    Functions<Echo> keeping;
    keeping.on<Echo::Say>(
        [this](const Ask&, Reply<Echo::Say> reply) { kept.push_back(std::move(reply)); });
    for (const Method& method : keeping.rows()) EXPECT_TRUE(patient.add(method).ok());
    for (const auto& link : table.links()) patient.intercept(link.interceptor);
  }
  LocalCall<Echo::Say> hold(LocalCallOptions options = {}) {
    return keeper.start<Echo::Say>({}, std::move(options));
  }

  MethodTable patient{stage.system().clock()};
  LocalDoor keeper{stage.system(), patient};
  std::vector<Reply<Echo::Say>> kept;
};

TEST_F(WithLimit, CutsOffCallsWhoseLimitPasses) {
  auto limited = hold({.timeout = 1h});
  auto given = hold();
  stage.advance(9999ms);
  EXPECT_FALSE(given.finished());
  stage.advance(1ms);
  EXPECT_EQ(given.status().code(), Errc::kDeadlineExceeded);
  EXPECT_FALSE(limited.finished());
  stage.advance(10s);
  EXPECT_EQ(limited.status().code(), Errc::kDeadlineExceeded);
}

TEST_F(WithLimit, ForgetsCallsThatHaveEnded) {
  auto first = hold();
  stage.advance(5s);
  auto second = hold();
  kept.front().finish();
  EXPECT_TRUE(first.status().ok());
  kept.clear();
  stage.advance(1h);
  EXPECT_EQ(second.status().code(), Errc::kInternal) << "the dropped Reply, not the limit";
  auto third = hold();
  stage.advance(10s);
  EXPECT_EQ(third.status().code(), Errc::kDeadlineExceeded);
}

struct WithAccessLog : Intercepted {
  WithAccessLog() {
    set_log_sink([this](LogLevel level, std::string_view, std::string_view line) {
      if (line.starts_with("call ended")) lines.emplace_back(level, line);
    });
  }
  ~WithAccessLog() override {
    set_log_sink(nullptr);
    set_log_level(LogLevel::kInfo);
  }
  std::vector<std::pair<LogLevel, std::string>> lines;
};

TEST_F(WithAccessLog, SaysHowTheCallEnded) {
  table.intercept(std::make_shared<RequestId>());
  table.intercept(std::make_shared<AccessLog>(LogLevel::kInfo));
  EXPECT_TRUE(
      start({.metadata = {{"x-request-id", "abc"}}, .peer = "ipv4:10.0.0.7:51234"}).status().ok());
  EXPECT_FALSE(door.call<Echo::Missing>({}));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].second,
            "call ended method=/brontes.testing.Echo/Say code=OK latency_us=0 "
            "peer=ipv4:10.0.0.7:51234 request_id=abc");
  EXPECT_NE(lines[1].second.find("code=UNIMPLEMENTED"), std::string::npos);
}

TEST_F(WithAccessLog, IsSilentUnlessDebugIsOn) {
  table.intercept(std::make_shared<AccessLog>());
  EXPECT_TRUE(start().status().ok());
  EXPECT_TRUE(lines.empty());
  set_log_level(LogLevel::kDebug);
  EXPECT_TRUE(start().status().ok());
  EXPECT_EQ(lines.size(), 1u);
}

}  // namespace
}  // namespace brontes
