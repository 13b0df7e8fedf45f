#include "world.hpp"

namespace brontes::testing {
namespace {

struct Chained : ::testing::Test {
  Chained() {
    world.table.intercept(std::make_shared<Recorder>("outer", &order));
    world.table.intercept(std::make_shared<Recorder>("inner", &order));
  }
  std::vector<std::string> order;
  World world{Served::kFunctions};
};

TEST_F(Chained, RunInOrderAndEndInReverse) {
  EXPECT_EQ(world.code_of("ada"), Errc::kOk);
  EXPECT_EQ(order, (std::vector<std::string>{"outer.headers", "inner.headers", "outer.request",
                                             "inner.request", "inner.done", "outer.done"}));
}

TEST_F(Chained, EndThoseThatWereEnteredWhenOneRefuses) {
  EXPECT_EQ(world.code_of("ada", {.metadata = {{"x-refuse", "outer"}}}), Errc::kUnauthenticated);
  EXPECT_EQ(order, (std::vector<std::string>{"outer.headers", "outer.done"}));
}

TEST_F(Chained, ThatThrowAnswerInternalAndAreEnded) {
  const auto answer = world.say("ada", {.metadata = {{"x-boom", "inner"}}});
  EXPECT_EQ(answer.error().code(), Errc::kInternal);
  EXPECT_EQ(answer.error().message().find("secret"), std::string::npos);
  EXPECT_EQ(order, (std::vector<std::string>{"outer.headers", "inner.headers", "inner.done",
                                             "outer.done"}));
}

TEST_F(Chained, SeeTheStatusThatIsSent) {
  EXPECT_EQ(world.code_of("forbidden"), Errc::kPermissionDenied);
  EXPECT_EQ(world.code_of("throw"), Errc::kInternal);
  EXPECT_EQ(world.recorder->ended_with(Errc::kPermissionDenied), 1);
  EXPECT_EQ(world.recorder->ended_with(Errc::kInternal), 1);
  EXPECT_EQ(world.recorder->begun, 2);
  EXPECT_EQ(world.recorder->done, 2);
}

TEST_F(Chained, SeeNoRequestOfAClientStream) {
  auto call = world.door.start<Echo::Collect>();
  call.half_close();
  EXPECT_TRUE(call.status().ok());
  EXPECT_EQ(order, (std::vector<std::string>{"outer.headers", "inner.headers", "inner.done",
                                             "outer.done"}));
}

}  // namespace
}  // namespace brontes::testing
