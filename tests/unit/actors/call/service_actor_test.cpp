#include <optional>

#include "world.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;

TEST(ServiceActor, AnswersLater) {
  World world;
  auto call = world.start("later", 20);
  EXPECT_FALSE(call.finished());
  world.advance(19ms);
  EXPECT_FALSE(call.finished());
  world.advance(1ms);
  EXPECT_TRUE(call.status().ok());
  EXPECT_EQ(call.next_reply()->text(), "hello later");
  EXPECT_EQ(world.recorder->latency(), 20ms);
}

TEST(ServiceActor, FailsACallWhoseReplyItDrops) {
  World world;
  EXPECT_EQ(world.code_of("drop"), Errc::kInternal);
}

TEST(ServiceActor, SeesACancelAndTheCallEnds) {
  World world;
  auto call = world.start("never");
  EXPECT_FALSE(call.finished());
  call.cancel();
  EXPECT_EQ(call.status().code(), Errc::kCancelled);
  EXPECT_EQ(world.recorder->undelivered(), 1);
}

// Takes every event and never finishes.
class Deaf final : public ServiceActor {
 public:
  explicit Deaf(std::vector<Event::Type>& seen) {
    on<Echo::Say>([&seen](const CallPtr& call, const Event& event) {
      seen.push_back(event.type);
      call->keep_alive();
    });
  }
};

TEST(ServiceActor, FinishesACancelledCallThoughItsHandlerDoesNot) {
  World world(Served::kFunctions);
  std::vector<Event::Type> seen;
  MethodTable table(world.system.clock());
  table.intercept(world.recorder);
  auto host = brontes::host<Deaf, Echo>(world.system, table, {},
                                        [&] { return std::make_unique<Deaf>(seen); });
  LocalDoor door(world.system, table);
  auto call = door.start<Echo::Say>(World::ask("ada"));
  EXPECT_FALSE(call.finished());
  call.cancel();
  world.run();
  EXPECT_EQ(seen, (std::vector{Event::Type::kStarted, Event::Type::kCancelled}));
  EXPECT_EQ(world.recorder->ended_with(Errc::kCancelled), 1);
}

// Drops its promise as soon as it hears that nobody waits for it.
class Quitter final : public ServiceActor {
 public:
  Quitter() {
    on<Echo::Say>([this](const Ask&, Reply<Echo::Say> reply) {
      reply_.emplace(std::move(reply));
      left_ = reply_->call().context().cancellation->subscribe([this] { reply_.reset(); });
    });
  }

 private:
  std::optional<Reply<Echo::Say>> reply_;
  Cancellation::Subscription left_;
};

TEST(ServiceActor, MayDropTheReplyOfACancelledCall) {
  World world(Served::kFunctions);
  MethodTable table(world.system.clock());
  table.intercept(world.recorder);
  auto host = brontes::host<Quitter, Echo>(world.system, table);
  LocalDoor door(world.system, table);
  auto call = door.start<Echo::Say>(World::ask("ada"));
  EXPECT_FALSE(call.finished());
  call.cancel();
  world.run();
  EXPECT_EQ(world.recorder->ended_with(Errc::kCancelled), 1);
}

TEST(ServiceActor, EndsACallAtItsDeadline) {
  World world;
  auto call = world.start("never", 0, {.timeout = 50ms});
  world.advance(49ms);
  EXPECT_FALSE(call.finished());
  world.advance(1ms);
  EXPECT_EQ(call.status().code(), Errc::kDeadlineExceeded);
}

TEST(ServiceActor, NeverSeesACallThatExpiredInItsQueue) {
  World world;
  auto call = world.start("ada", 0, {.timeout = 50ms});
  world.stage().advance_time(50ms);  // while the call waits
  world.run();
  EXPECT_EQ(call.status().code(), Errc::kDeadlineExceeded);
  EXPECT_EQ(world.seen.said, 0);
}

TEST(ServiceActor, NeverSeesACallThatWasCancelledInItsQueue) {
  World world;
  auto call = world.start("ada");
  call.cancel();
  EXPECT_EQ(call.status().code(), Errc::kCancelled);
  EXPECT_EQ(world.seen.said, 0);
}

TEST(ServiceActor, ThatCrashesFailsWhatItHadBegunAndNothingElse) {
  World world;
  std::vector<LocalCall<Echo::Say>> begun;
  for (int i = 0; i < 5; ++i) begun.push_back(world.start("never"));
  EXPECT_FALSE(begun.front().finished());
  auto crash = world.start("throw");
  auto queued = world.start("ada");
  EXPECT_EQ(crash.status().code(), Errc::kInternal);
  for (auto& call : begun) EXPECT_EQ(call.status().code(), Errc::kInternal);
  EXPECT_EQ(queued.status().code(), Errc::kUnavailable);
  EXPECT_EQ(world.seen.made, 0) << "its members die with it";
  EXPECT_EQ(world.seen.stopped, 0);
}

TEST(ServiceActor, IsMadeAnewAfterACrash) {
  World world;
  EXPECT_EQ(world.code_of("throw"), Errc::kInternal);
  EXPECT_EQ(world.code_of("ada"), Errc::kUnavailable);
  world.advance(HostOptions().restart.base);
  EXPECT_EQ(world.code_of("ada"), Errc::kOk);
  EXPECT_EQ(world.seen.started, 2);
}

// Counts its own ticks; the executor is for the outside.
class Ticking final : public ServiceActor {
 public:
  struct Outside {
    int ticks = 0, jobs = 0;
    Executor executor;
  };
  explicit Ticking(Outside& outside) : outside_(outside) {}
  void on_start() override {
    outside_.executor = executor();
    born_ = now();
    tick();
  }

 private:
  void tick() {
    ++outside_.ticks;
    if (now() - born_ >= 5s) throw std::runtime_error("old age");
    after(1s, [this] { tick(); });
  }
  Outside& outside_;
  TimePoint born_;
};

TEST(ServiceActor, HasTimersOfItsOwnWhichEndWithIt) {
  World world;
  Ticking::Outside outside;
  MethodTable table(world.system.clock());
  auto host = ServiceHost::open(world.system, table, {}, {},
                                [&] { return std::make_unique<Ticking>(outside); });
  world.run();
  for (int second = 0; second < 3; ++second) world.advance(1s);
  EXPECT_EQ(outside.ticks, 4);
  EXPECT_TRUE((*host)->stop().ok());
  world.advance(10s);
  EXPECT_EQ(outside.ticks, 4);
}

TEST(ServiceActor, IsMadeAnewWhenATimerThrows) {
  World world;
  Ticking::Outside outside;
  MethodTable table(world.system.clock());
  auto host = ServiceHost::open(world.system, table, {}, {},
                                [&] { return std::make_unique<Ticking>(outside); });
  world.run();
  for (int second = 0; second < 5; ++second) world.advance(1s);
  EXPECT_EQ(outside.ticks, 6);
  world.advance(HostOptions().restart.base);
  EXPECT_EQ(outside.ticks, 7);
}

TEST(ServiceActor, RunsJobsOfItsExecutorInItsTurnUntilItEnds) {
  World world;
  Ticking::Outside outside;
  MethodTable table(world.system.clock());
  auto host = ServiceHost::open(world.system, table, {}, {},
                                [&] { return std::make_unique<Ticking>(outside); });
  world.run();
  outside.executor([&] { ++outside.jobs; });
  EXPECT_EQ(outside.jobs, 0);
  world.run();
  EXPECT_EQ(outside.jobs, 1);
  EXPECT_TRUE((*host)->stop().ok());
  outside.executor([&] { ++outside.jobs; });
  world.run();
  EXPECT_EQ(outside.jobs, 1);
}

TEST(ServiceActor, StopsInOrder) {
  World world;
  auto begun = world.start("never");
  EXPECT_FALSE(begun.finished());
  EXPECT_TRUE(world.host->stop().ok());
  EXPECT_EQ(begun.status().code(), Errc::kInternal);
  EXPECT_EQ(world.seen.stopped, 1);
  EXPECT_EQ(world.seen.made, 0);
  EXPECT_EQ(world.code_of("ada"), Errc::kUnavailable);
}

}  // namespace
}  // namespace brontes::testing
