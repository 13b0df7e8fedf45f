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

// Looks at every message; refuses requests that are called "bad".
class Censor final : public MessageInterceptor {
 public:
  const char* name() const override { return "censor"; }
  Status on_received(Call&, const Message& request) override {
    ++received;
    if (static_cast<const Ask&>(request).name() != "bad") return {};
    return {Errc::kInvalidArgument, "bad", "DETAILS"};
  }
  void on_sent(const Call&, const Message&) noexcept override { ++sent; }
  std::atomic<int> received{0}, sent{0};
};

struct Censored : ::testing::TestWithParam<Served> {
  Censored() { world.table.intercept(censor); }
  std::shared_ptr<Censor> censor = std::make_shared<Censor>();
  World world{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Both, Censored,
                         ::testing::Values(Served::kFunctions, Served::kActorScripted));

TEST_P(Censored, SeesTheRequestAndTheReplyOfAUnaryCall) {
  EXPECT_EQ(world.code_of("ada"), Errc::kOk);
  EXPECT_EQ(censor->received, 1);
  EXPECT_EQ(censor->sent, 1);
}

TEST_P(Censored, SeesNoReplyOfACallThatFailed) {
  EXPECT_EQ(world.code_of(""), Errc::kInvalidArgument);
  EXPECT_EQ(censor->received, 1);
  EXPECT_EQ(censor->sent, 0);
}

TEST_P(Censored, RefusesARequestBeforeItsHandler) {
  const auto answer = world.say("bad");
  EXPECT_EQ(answer.error().details(), "DETAILS");
  EXPECT_EQ(world.seen.said, 0);
}

TEST_P(Censored, SeesEveryReplyOfAServerStreamThatHasLeft) {
  auto call = world.door.start<Echo::Countdown>(World::ask("ada", 40));
  EXPECT_TRUE(call.status().ok());
  EXPECT_EQ(censor->received, 1);
  EXPECT_EQ(censor->sent, 40);
}

TEST_P(Censored, RefusesOneOfManyRequestsAndEndsTheCall) {
  auto call = world.door.start<Echo::Collect>();
  call.send(World::ask("ada"));
  call.send(World::ask("bad"));
  call.send(World::ask("bob"));
  call.half_close();
  EXPECT_EQ(call.status().code(), Errc::kInvalidArgument);
  EXPECT_EQ(world.seen.taken, 1);
  EXPECT_EQ(censor->received, 2);
  EXPECT_EQ(censor->sent, 0);
}

TEST_P(Censored, SeesBothWaysOfABidiCall) {
  auto call = world.door.start<Echo::Chat>();
  call.send(World::ask("ada", 3));
  call.half_close();
  EXPECT_TRUE(call.status().ok());
  EXPECT_EQ(censor->received, 1);
  EXPECT_EQ(censor->sent, 4);
}

struct Selected : ::testing::Test {
  int begun_with(Selection selection) {
    const auto recorder = std::make_shared<Recorder>();
    world.table.intercept(recorder, std::move(selection));
    EXPECT_EQ(world.code_of("ada"), Errc::kOk);
    world.door.call<Echo::Missing>({});
    return recorder->begun;
  }
  World world{Served::kFunctions};
};

TEST_F(Selected, AreTheMethodsOfAServiceOrSingleOnes) {
  EXPECT_EQ(begun_with({}), 2);
  EXPECT_EQ(begun_with({.only = {"brontes.testing.Echo"}}), 2);
  EXPECT_EQ(begun_with({.only = {"brontes.testing.Echo/Say"}}), 1);
  EXPECT_EQ(begun_with({.only = {"/brontes.testing.Echo/Say"}}), 1);
  EXPECT_EQ(begun_with({.only = {"brontes.testing.Echoes"}}), 0);
}

TEST_F(Selected, AreNotThoseThatAreExcepted) {
  EXPECT_EQ(begun_with({.except = {"brontes.testing.Echo"}}), 0);
  EXPECT_EQ(begun_with({.except = {"brontes.testing.Echo/Say"}}), 1);
  EXPECT_EQ(begun_with({.only = {"brontes.testing.Echo"}, .except = {"brontes.testing.Echo/Say"}}),
            1);
}

// Runs around calls of Say only, by an instance of its own.
class Choosy final : public Interceptor {
 public:
  explicit Choosy(std::string path = {}) : path_(std::move(path)) {}
  const char* name() const override { return "choosy"; }
  std::shared_ptr<Interceptor> for_method(const Method& method,
                                          std::shared_ptr<Interceptor>) override {
    return method.name() == "Say" ? std::make_shared<Choosy>(std::string(method.path)) : nullptr;
  }
  Status on_headers(Call& call) override {
    call.add_trailer("x-mine", path_);
    return {};
  }

 private:
  const std::string path_;
};

TEST_F(Selected, MayBeTheInterceptorsOwnChoice) {
  world.table.intercept(std::make_shared<Choosy>());
  auto call = world.start("ada");
  EXPECT_EQ(call.trailer("x-mine"), "/brontes.testing.Echo/Say");
  auto other = world.door.start<Echo::Missing>({});
  EXPECT_EQ(other.trailer("x-mine"), "");
}

}  // namespace
}  // namespace brontes::testing
