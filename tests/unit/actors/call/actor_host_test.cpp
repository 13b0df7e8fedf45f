#include <future>
#include <thread>

#include "world.hpp"

namespace brontes::testing {
namespace {

TEST(ServiceHost, GoesRoundItsReplicas) {
  World world(Served::kActorScripted, {.replicas = 3});
  std::map<int, int> calls;
  for (int i = 0; i < 30; ++i) {
    const auto answer = world.say("ada");
    ASSERT_TRUE(answer);
    ++calls[answer->index()];
  }
  EXPECT_EQ(calls, (std::map<int, int>{{1, 10}, {2, 10}, {3, 10}}));
}

TEST(ServiceHost, PassesOverAReplicaThatIsBeingRestarted) {
  World world(Served::kActorScripted, {.replicas = 2});
  EXPECT_EQ(world.code_of("throw"), Errc::kInternal);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(world.code_of("ada"), Errc::kOk);
  EXPECT_EQ(world.seen.made, 1);
}

TEST(ServiceHost, RefusesCallsBeyondItsBound) {
  World world(Served::kActorScripted, {.replicas = 2, .mailbox_bound = 3});
  std::vector<LocalCall<Echo::Say>> calls;
  for (int i = 0; i < 7; ++i) calls.push_back(world.start("ada"));
  EXPECT_EQ(calls[6].status().code(), Errc::kResourceExhausted);
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(calls[i].status().ok());
  EXPECT_EQ(world.code_of("ada"), Errc::kOk) << "there is room again";
}

TEST(ServiceHost, CountsOnlyCallsThatWaitNotThoseThatAreServed) {
  World world(Served::kActorScripted, {.mailbox_bound = 1});
  std::vector<LocalCall<Echo::Say>> calls;
  for (int i = 0; i < 5; ++i) {
    calls.push_back(world.start("never"));
    EXPECT_FALSE(calls.back().finished());
  }
}

TEST(ServiceHost, KeepsRestartingAServiceThatKeepsCrashing) {
  World world;
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(world.code_of("throw"), Errc::kInternal) << i;
    world.advance(HostOptions().restart.max);
  }
  EXPECT_EQ(world.code_of("ada"), Errc::kOk);
}

TEST(ServiceHost, AddsNoRowWhenOneIsTaken) {
  World world;
  const auto again = host<EchoActor, Echo>(world.system, world.table, {}, nullptr);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), Errc::kAlreadyExists);
}

TEST(ServiceHost, WantsAReplica) {
  World world;
  MethodTable table;
  const auto none = host<EchoActor, Echo>(world.system, table, {.replicas = 0}, nullptr);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), Errc::kInvalidArgument);
}

// On threads: what counts is that nothing is lost, doubled or raced for.
class OnThreads : public ::testing::TestWithParam<Served> {};
INSTANTIATE_TEST_SUITE_P(Served, OnThreads,
                         ::testing::Values(Served::kActorPool, Served::kActorInPlace));

TEST_P(OnThreads, EveryCallEndsOnceThoughManyAreCancelled) {
  World world(GetParam(), {.replicas = 2});
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        auto call = world.start(i % 2 ? "never" : "ada");
        if (i % 2) call.cancel();
        EXPECT_EQ(call.status().code(), i % 2 ? Errc::kCancelled : Errc::kOk);
        auto stream = world.door.start<Echo::Countdown>(World::ask("", 100'000), {.eager = false});
        for (int reply = 0; reply < i % 40; ++reply) stream.next_reply();
        stream.cancel();
        EXPECT_EQ(stream.status().code(), Errc::kCancelled);
      }
    });
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(world.recorder->begun, 1600);
  EXPECT_EQ(world.recorder->done, 1600);
}

TEST_P(OnThreads, EveryCallEndsOnceThoughTheServiceKeepsCrashing) {
  World world(GetParam(), {.replicas = 2});
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const Errc code = world.code_of(i % 50 == 49 ? "throw" : "ada");
        EXPECT_TRUE(code == Errc::kOk || code == Errc::kInternal || code == Errc::kUnavailable);
      }
    });
  for (auto& caller : callers) caller.join();
  EXPECT_TRUE(world.host->stop().ok());
  EXPECT_EQ(world.recorder->done, 800);
  EXPECT_EQ(world.seen.made, 0);
}

TEST_P(OnThreads, StopIsBoundedThoughAHandlerBlocks) {
  System system({2, false});
  MethodTable table;
  std::promise<void> entered, open;
  struct Blocking final : ServiceActor {
    Blocking(std::promise<void>& entered, std::shared_future<void> gate) {
      on<Echo::Say>([&entered, gate](const Ask&, Answer&) {
        entered.set_value();
        gate.wait();
        return Status();
      });
    }
  };
  const std::shared_future<void> gate = open.get_future().share();
  HostOptions options;
  options.in_place = GetParam() == Served::kActorInPlace;
  auto host = brontes::host<Blocking, Echo>(
      system, table, options, [&] { return std::make_unique<Blocking>(entered, gate); });
  std::thread caller([&] {
    LocalDoor door(system, table);
    EXPECT_TRUE(door.call<Echo::Say>(World::ask("x")));
  });
  entered.get_future().wait();
  EXPECT_EQ((*host)->stop(std::chrono::milliseconds(1)).code(), Errc::kDeadlineExceeded);
  open.set_value();
  EXPECT_TRUE((*host)->stop().ok());
  caller.join();
}

TEST(InPlace, RunsAnIdleActorOnTheThreadThatBringsTheCall) {
  System system({2, false});
  std::thread::id ran_on;
  struct Where final : ServiceActor {
    explicit Where(std::thread::id& ran_on) {
      on<Echo::Say>([&ran_on](const Ask&, Answer&) {
        ran_on = std::this_thread::get_id();
        return Status();
      });
    }
  };
  for (const bool in_place : {true, false}) {
    MethodTable table;
    HostOptions options;
    options.in_place = in_place;
    auto host = brontes::host<Where, Echo>(system, table, options,
                                           [&] { return std::make_unique<Where>(ran_on); });
    LocalDoor door(system, table);
    // The first ones may find the actor busy with its start.
    bool here = false;
    for (int i = 0; i < 1000 && !here; ++i) {
      ASSERT_TRUE(door.call<Echo::Say>({}));
      here = ran_on == std::this_thread::get_id();
    }
    EXPECT_EQ(here, in_place);
  }
}

}  // namespace
}  // namespace brontes::testing
