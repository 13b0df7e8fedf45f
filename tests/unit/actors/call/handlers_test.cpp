// Forms of function handlers that every_handler_test.cpp does not use.
#include "world.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;

struct Forms : ::testing::Test {
  template <class M, class F>
  void serve(F f) {
    Functions<Echo> echo;
    echo.on<M>(std::move(f));
    for (const Method& method : echo.rows()) ASSERT_TRUE(table.add(method).ok());
  }
  System system{{1, true}};
  MethodTable table{system.clock()};
  LocalDoor door{system, table};
};

TEST_F(Forms, MayCaptureWhatCannotBeCopied) {
  serve<Echo::Say>([text = std::make_unique<std::string>("mine")](const Ask&, Answer& answer) {
    answer.set_text(*text);
    return Status();
  });
  EXPECT_EQ(door.call<Echo::Say>({})->text(), "mine");
}

TEST_F(Forms, MayAskForTheCall) {
  serve<Echo::Countdown>([](const Ask&, Call& call) {
    call.add_header("x-peer", call.peer());
    return [](Answer&) { return false; };
  });
  auto call = door.start<Echo::Countdown>({}, {.peer = "local:me"});
  EXPECT_TRUE(call.status().ok());
  EXPECT_EQ(call.header("x-peer"), "local:me");
}

TEST_F(Forms, MayReplyLater) {
  std::optional<Reply<Echo::Say>> kept;
  serve<Echo::Say>([&](const Ask&, Reply<Echo::Say> reply) { kept = std::move(reply); });
  auto call = door.start<Echo::Say>({});
  EXPECT_FALSE(call.finished());
  (*kept)->set_text("late");
  kept->finish();
  EXPECT_TRUE(call.status().ok());
  EXPECT_EQ(call.next_reply()->text(), "late");
}

TEST_F(Forms, FailTheCallWhenTheyDropTheReply) {
  std::optional<Reply<Echo::Say>> kept;
  serve<Echo::Say>([&](const Ask&, Reply<Echo::Say> reply) { kept = std::move(reply); });
  auto call = door.start<Echo::Say>({});
  EXPECT_FALSE(call.finished());
  kept.reset();
  EXPECT_EQ(call.status().code(), Errc::kInternal);
}

TEST_F(Forms, SeeThatTheCallerOfALaterReplyHasGone) {
  std::optional<Reply<Echo::Say>> kept;
  serve<Echo::Say>([&](const Ask&, Reply<Echo::Say> reply) { kept = std::move(reply); });
  auto call = door.start<Echo::Say>({});
  bool told = false;
  const auto subscription = kept->call().context().cancellation->subscribe([&] { told = true; });
  call.cancel();
  EXPECT_TRUE(kept->call().cancelled());
  EXPECT_TRUE(told);
  kept->finish();
  EXPECT_TRUE(call.finished());
}

TEST_F(Forms, ThatThrowBeforeAStreamBeginsFailTheCall) {
  serve<Echo::Chat>([](Call&) {
    throw std::runtime_error("a secret cause");
    return [](const Ask*, Writer<Answer>&) { return Status(); };
  });
  EXPECT_EQ(door.start<Echo::Chat>().status().code(), Errc::kInternal);
}

TEST_F(Forms, MayTakeTheEventsThemselves) {
  std::vector<Event::Type> seen;
  serve<Echo::Chat>([&](const CallPtr& call, const Event& event) {
    seen.push_back(event.type);
    if (event.type == Event::Type::kStarted) {
      call->claim();
      call->keep_alive();
    }
    if (event.type == Event::Type::kHalfClosed) return call->finish({});
    call->read();
  });
  auto call = door.start<Echo::Chat>();
  call.send({});
  call.half_close();
  EXPECT_TRUE(call.status().ok());
  using enum Event::Type;
  EXPECT_EQ(seen, (std::vector<Event::Type>{kStarted, kMessage, kHalfClosed}));
}

TEST_F(Forms, ThatDropACallUnclaimedLetTheCallerRetry) {
  serve<Echo::Say>([](const CallPtr&, const Event&) {});
  EXPECT_EQ(door.call<Echo::Say>({}).error().code(), Errc::kUnavailable);
}

TEST_F(Forms, MayWriteNoMoreThanTheWindow) {
  int written = 0;
  serve<Echo::Countdown>([&](const CallPtr& call, const Event& event) {
    if (event.type != Event::Type::kStarted) return call->finish({});
    call->keep_alive();
    while (written < 2 * Call::kWindow && call->write(std::make_unique<Answer>())) ++written;
  });
  auto call = door.start<Echo::Countdown>({}, {.eager = false});
  EXPECT_EQ(written, Call::kWindow);
}

TEST_F(Forms, AreNotCalledWhenTheDeadlinePassedBefore) {
  struct Slow : Interceptor {
    explicit Slow(System& system)
        : clock(dynamic_cast<caf::scheduler::test_coordinator&>(system.caf().scheduler())) {}
    const char* name() const override { return "slow"; }
    Status on_headers(Call&) override {
      clock.advance_time(50ms);
      return {};
    }
    caf::scheduler::test_coordinator& clock;
  };
  int calls = 0;
  table.intercept(std::make_shared<Slow>(system));
  serve<Echo::Say>([&](const Ask&, Answer&) {
    ++calls;
    return Status();
  });
  EXPECT_EQ(door.call<Echo::Say>({}, {.timeout = 50ms}).error(),
            Status(Errc::kDeadlineExceeded, "expired before its handler ran"));
  EXPECT_EQ(calls, 0);
  EXPECT_TRUE(door.call<Echo::Say>({}, {.timeout = 51ms}));
}

TEST_F(Forms, AreNotCalledWhenTheCallerLeftBefore) {
  struct Leaver : Interceptor {
    const char* name() const override { return "leaver"; }
    Status on_headers(Call& call) override {
      call.cancel();
      return {};
    }
  };
  int calls = 0;
  table.intercept(std::make_shared<Leaver>());
  serve<Echo::Say>([&](const Ask&, Answer&) {
    ++calls;
    return Status();
  });
  EXPECT_EQ(door.call<Echo::Say>({}).error(), Status(Errc::kCancelled, "the caller went away"));
  EXPECT_EQ(calls, 0);
}

TEST_F(Forms, AMethodThatTheTableDoesNotKnowIsUnimplemented) {
  EXPECT_EQ(door.call<Echo::Say>({}).error().code(), Errc::kUnimplemented);
}

}  // namespace
}  // namespace brontes::testing
