// The fault matrix, rows of clusters, networks and crowds: leaders that die, quorums that are lost,
// resets without end, everybody at once. Figures are virtual time; docs/testing-faults.md has the
// table.
#include "fault_world.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;
using Type = AnnouncementEvent::Type;

int losses(FaultWorld& world) {
  int count = 0;
  for (Provider& one : world.providers) count += one.count(Type::kLost);
  return count;
}

TEST(FaultClusterRows, F33SubscribersThatDieLeaveNothingBehind) {
  play("F33", 0ms,
       [](FaultWorld& world) {
         world.provide_many(2);
         Consumer& eye = world.consume();
         world.any_phase();
         for (int i = 0; i < 150; ++i) {
           Consumer& mortal = world.consume();
           stop(mortal.loop);
           stop(mortal.gate);
           world.run();
           world.consumers.pop_back();
         }
         Consumer& last = world.consume();
         world.put(instance("x"));
         world.advance(kWindow);
         EXPECT_TRUE(eye->is(SnapshotStatus::kLive, 3));
         EXPECT_TRUE(last->is(SnapshotStatus::kLive, 3));
         return Duration{};
       },
       {.watch_limit = 5});
}

TEST(FaultClusterRows, F40WhoeverReallyDiedLeavesASecondAfterItsTtlAndNobodyElse) {
  play("F40", 1s + kWindow, [](FaultWorld& world) {
    world.provide_many(20);
    Consumer& eye = world.consume();
    world.any_phase();
    for (int i = 0; i < 8; ++i) world.crash(world.providers[static_cast<std::size_t>(i)]);
    world.until([&] { return world.registered() == 12; });
    const Duration late = world.until([&] { return eye->newest->instances.size() == 12; });
    EXPECT_EQ(eye->removed.size(), 8u);
    return late;
  });
}

TEST(FaultClusterRows, F41WhenAllHaveLeftProperlyTheEmptySetIsToldAtOnce) {
  play("F41", kWindow + 10ms, [](FaultWorld& world) {
    world.provide_many(20);
    Consumer& eye = world.consume();
    world.any_phase();
    for (Provider& one : world.providers)
      world.tell(one.keeper, WithdrawRecord{one.record.instance_id});
    world.until([&] { return world.registered() == 0; });
    const Duration took = world.until([&] { return eye->is(SnapshotStatus::kLive, 0); });
    EXPECT_EQ(eye->held.size(), 0u);
    return took;
  });
}

TEST(FaultClusterRows, F43ALeaderThatDiesCostsNoRecordAndAShortGap) {
  play("F43", 2500ms, [](FaultWorld& world) {
    world.provide_many(5);
    Consumer& eye = world.consume();
    world.any_phase();
    losses(world);
    world.begin_outage();
    world.advance(kElection + world.upto(100ms));
    world.put(instance("x"));
    world.end_outage();
    const Duration gap = world.until([&] { return eye->is(SnapshotStatus::kLive, 6); });
    world.thaw_leases();
    world.advance(2 * kTtl);
    EXPECT_EQ(losses(world), 0);
    EXPECT_EQ(eye->removed.size(), 0u);
    return gap;
  });
}

TEST(FaultClusterRows, F45AQuorumThatIsLostForFiveTtlsCostsNoRecord) {
  play("F45", 5s, [](FaultWorld& world) {
    world.provide_many(5);
    Consumer& eye = world.consume();
    world.any_phase();
    losses(world);
    world.begin_outage();
    const Duration stale =
        world.until([&] { return eye->newest->status == SnapshotStatus::kStale; });
    world.advance(30s);
    world.end_outage();
    world.advance(kTtl + kElection);  // for so long the new leader gives everybody
    world.thaw_leases();
    world.advance(3 * kTtl);
    EXPECT_TRUE(eye->is(SnapshotStatus::kLive, 5));
    EXPECT_EQ(losses(world), 0);
    EXPECT_EQ(eye->removed.size(), 0u);
    for (const Provider& one : world.providers) EXPECT_EQ(one.traffic->grants, 1);
    return stale;
  });
}

TEST(FaultClusterRows, F48ARollingRestartCostsNothing) {
  play("F48", 0ms, [](FaultWorld& world) {
    world.provide_many(5);
    Consumer& eye = world.consume();
    world.any_phase();
    losses(world);
    for (int i = 0; i < 15; ++i) {
      world.begin_outage();
      world.advance(kElection);
      world.end_outage();
      world.advance(4s);
    }
    world.thaw_leases();
    world.advance(2 * kTtl);
    EXPECT_EQ(losses(world), 0);
    EXPECT_EQ(eye->removed.size(), 0u);
    EXPECT_TRUE(eye->is(SnapshotStatus::kLive, 5));
    return Duration{};
  });
}

TEST(FaultClusterRows, F50ARegistryThatStandsStillForAWhileLosesNobody) {
  play("F50", 0ms, [](FaultWorld& world) {
    world.provide_many(5);
    Consumer& eye = world.consume();
    world.any_phase();
    losses(world);
    world.tell(world.memory, SetFaults{.silent = true});
    world.advance(3s);
    world.tell(world.memory, SetFaults{});
    world.advance(3 * kTtl);
    EXPECT_EQ(losses(world), 0);
    EXPECT_EQ(eye->removed.size(), 0u);
    return Duration{};
  });
}

TEST(FaultClusterRows, F52WhatForgetsAllLeasesHasThemBackWithinAPeriod) {
  play("F52", kPeriod + 400ms, [](FaultWorld& world) {
    world.provide_many(5);
    Consumer& eye = world.consume();
    world.any_phase();
    world.tell(world.memory, ExpireLease{});
    const Duration missing = world.until([&] { return world.registered() == 5; });
    world.advance(2s);
    EXPECT_TRUE(eye->is(SnapshotStatus::kLive, 5));
    return missing;
  });
}

TEST(FaultClusterRows, F61ResetsWithoutEndStopNoProgressAndMakeNoStorm) {
  play("F61", 3s + kWindow, [](FaultWorld& world) {
    world.provide_many(3);
    Consumer& eye = world.consume();
    world.any_phase();
    losses(world);
    std::set<std::uint64_t> revisions;
    for (int i = 0; i < 60; ++i) {
      world.put(instance("x", 1000 + i));
      world.rule_all({.refuse = true});
      world.rule_all({});
      world.advance(500ms);
      revisions.insert(eye->newest->revision);
    }
    EXPECT_GE(revisions.size(), 10u);  // it gets on
    EXPECT_LE(eye.traffic->busiest_second(), 10u);
    for (const Provider& one : world.providers) EXPECT_LE(one.traffic->busiest_second(), 10u);
    EXPECT_EQ(losses(world), 0);
    EXPECT_EQ(eye->removed.size(), 0u);
    return world.until([&] {
      return eye->newest->instances.size() == 4 && incarnation(*eye->newest->instances[3]) == 1059;
    });
  });
}

TEST(FaultClusterRows, F63ASlowNetworkLosesNobodyAndTellsOfChangesARoundTripLater) {
  play("F63", 700ms + kWindow + 50ms, [](FaultWorld& world) {
    world.provide_many(3);
    Consumer& eye = world.consume();
    world.rule_all({.delay = 300ms + world.upto(400ms)});
    world.any_phase();
    losses(world);
    world.advance(5 * kTtl);
    world.put(instance("x"));
    const Duration took = world.until([&] { return eye->newest->instances.size() == 4; });
    EXPECT_EQ(losses(world), 0);
    EXPECT_EQ(eye->removed.size(), 0u);
    return took;
  });
}

TEST(FaultClusterRows, F70ACrowdComesBackAfterAWipeAndNotAllInOneInstant) {
  play("F70", 15s, [](FaultWorld& world) {
    world.provide_many(100);
    world.any_phase();
    world.tell(world.memory, WipeRegistry{});
    const TimePoint begin = world.now();
    std::size_t most = 0, before = 0;
    const Duration took = world.until([&] {
      const std::size_t there = world.registered();
      most = std::max(most, there - std::exchange(before, there));
      return there == 100;
    });
    EXPECT_LE(most, 10u) << "in 5 ms, after " << (world.now() - begin).count();
    return took;
  });
}

}  // namespace
}  // namespace brontes::testing
