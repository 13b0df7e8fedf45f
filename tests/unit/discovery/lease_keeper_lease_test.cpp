// What a lease keeper does about its lease: when it is sure of it, when it looks, when it gives up.
#include "lease_keeper_scenario.hpp"

namespace brontes {
namespace {

using namespace std::chrono_literals;
using Type = AnnouncementEvent::Type;

struct LeaseScenario : LeaseKeeperScenario {
  using Renewal = Received<RenewLease, Registry>;

  /// Moves on to the next renewal.
  Renewal next_renewal() {
    for (Duration waited{}; !registry.has<RenewLease>() && waited < 10s; waited += 10ms)
      advance(10ms);
    return registry.expect<RenewLease>();
  }
  void renew() { next_renewal().reply(LeaseRenewed{LeaseId{7}, 9s}); }
  /// Renews until the keeper puts something, or for so long.
  Duration renew_until_put(Duration limit) {
    const TimePoint begin = now();
    while (!registry.has<PutRecord>() && now() - begin < limit) renew();
    return now() - begin;
  }
  LeasePhase phase() { return describe().phase; }
  /// How long three grants that fail in a row keep it waiting.
  Duration three_failures() {
    const TimePoint begin = now();
    for (int i = 0; i < 3; ++i) {
      registry.expect<GrantLease>().fail(Errc::kUnavailable);
      while (!registry.has<GrantLease>() && now() - begin < 10s) advance(1ms);
    }
    return now() - begin;
  }
  /// Held after a long outage, renewed that often, then lost; up to the first grant after that.
  void lose_after(int renewals) {
    owner.tell(keeper, AnnounceRecord{greeter(), listener.handle()});
    for (int i = 0; i < 8; ++i) {
      registry.expect<GrantLease>().fail(Errc::kUnavailable);
      advance(2s);
    }
    grant(7);
    put(7, 5);
    watch();
    for (int i = 0; i < renewals; ++i) renew();
    next_renewal().fail(Errc::kNotFound);
    advance(250ms);
  }
};

TEST_F(LeaseScenario, TheGrantedTtlCountsNotTheOneAskedFor) {
  owner.tell(keeper, AnnounceRecord{greeter(), listener.handle()});
  auto wish = registry.expect<GrantLease>();
  EXPECT_EQ(wish->ttl, 9s);
  wish.reply(LeaseGranted{LeaseId{7}, 30s});
  put(7, 5);
  watch();
  advance(8999ms);
  registry.expect_nothing();
  advance(2001ms);
  registry.expect<RenewLease>();
}

TEST_F(LeaseScenario, ARenewalWithoutAnAnswerIsRepeatedAfterHalfAPeriod) {
  hold();
  next_renewal();
  advance(1499ms);
  registry.expect_nothing();
  advance(101ms);
  EXPECT_EQ(registry.expect<RenewLease>()->lease, LeaseId{7});
}

TEST_F(LeaseScenario, TheProofIsAsOldAsTheQuestionNotAsTheAnswer) {
  hold();
  auto renewal = next_renewal();
  advance(1s);
  renewal.reply(LeaseRenewed{LeaseId{7}, 9s});
  advance(4970ms);
  EXPECT_EQ(phase(), LeasePhase::kHeld);
  advance(30ms);
  EXPECT_EQ(phase(), LeasePhase::kSuspect);
  advance(2970ms);
  EXPECT_EQ(phase(), LeasePhase::kSuspect);
  advance(30ms);
  EXPECT_EQ(phase(), LeasePhase::kUnknown);
}

TEST_F(LeaseScenario, AnAnswerAfterALongSilenceHoldsWithoutAFlap) {
  hold();
  advance(30s);
  EXPECT_EQ(phase(), LeasePhase::kUnknown);
  while (registry.has<RenewLease>()) registry.expect<RenewLease>();
  renew();
  EXPECT_EQ(phase(), LeasePhase::kHeld);
  listener.expect_nothing();
  registry.expect_nothing();
}

TEST_F(LeaseScenario, AnAuditPutsTheRecordAgainEveryMinute) {
  hold();
  for (int i = 0; i < 2; ++i) {
    const Duration waited = renew_until_put(2min);
    EXPECT_GE(waited, 54s - 3300ms) << i;
    EXPECT_LE(waited, 66s + 3300ms) << i;
    put(7, 5);
  }
  listener.expect_nothing();
}

TEST_F(LeaseScenario, AnAuditThatFindsTheLeaseGoneGetsAnother) {
  hold();
  renew_until_put(2min);
  registry.expect<PutRecord>().fail(Errc::kNotFound);
  expect(Type::kLost);
  advance(250ms);
  grant(8);
  put(8, 9);
  expect(Type::kReregistered);
}

TEST_F(LeaseScenario, AProcessThatWasPausedLooksAfterItsRecords) {
  hold();
  inject(Fault::delayed(3100ms), keeper);  // the tick of the renewal
  advance(3300ms);
  advance(3100ms);
  EXPECT_EQ(registry.expect<RenewLease>()->lease, LeaseId{7});
  put(7, 5);
  listener.expect_nothing();
}

TEST_F(LeaseScenario, ATickThatIsALittleLateIsNoPause) {
  hold();
  inject(Fault::delayed(2900ms), keeper);
  advance(3300ms);
  advance(2900ms);
  registry.expect<RenewLease>();
  registry.expect_nothing();
}

TEST_F(LeaseScenario, ARevokedLeaseIsNoticedByTheOwnWatch) {
  const WatchId watching = hold();
  own_key(watching, RecordEvent::Type::kRemoved, greeter(), 11);
  expect(Type::kLost);
  registry.expect<PutRecord>().fail(Errc::kNotFound);
  advance(250ms);
  grant(8);
  put(8, 13);
  expect(Type::kReregistered);
  listener.expect_nothing();
}

TEST_F(LeaseScenario, AFirstPutUnderADeadLeaseIsNoLoss) {
  owner.tell(keeper, AnnounceRecord{greeter(), listener.handle()});
  grant(7);
  registry.expect<PutRecord>().fail(Errc::kNotFound);
  listener.expect_nothing();
  advance(250ms);
  grant(8);
  put(8, 5);
  expect(Type::kRegistered);
  listener.expect_nothing();
}

struct DeadLease : LeaseScenario {
  /// The put under the first lease, which is answered once there is another one.
  Received<PutRecord, Registry> late_put() {
    const WatchId watching = hold();
    advance(2s);
    own_key(watching, RecordEvent::Type::kRemoved, greeter(), 11);
    expect(Type::kLost);
    auto late = registry.expect<PutRecord>();
    next_renewal().fail(Errc::kNotFound);
    advance(250ms);
    grant(8);
    return late;
  }
  void stands_only_by_the_new_lease() {
    EXPECT_EQ(describe().lease, LeaseId{8});
    EXPECT_EQ(describe().stand_count, 0u);
    put(8, 13);
    expect(Type::kReregistered);
    listener.expect_nothing();
    registry.expect_nothing();
  }
};

TEST_F(DeadLease, WhatWasWrittenUnderItIsNotBelievedToStand) {
  late_put().reply(RecordPut{"greeter/v1/g-1", 12});
  stands_only_by_the_new_lease();
}

TEST_F(DeadLease, WhatWasRefusedUnderItDoesNotEndTheNewOne) {
  late_put().fail(Errc::kNotFound);
  stands_only_by_the_new_lease();
}

TEST_F(LeaseScenario, ALeaseHeldForAnInstantLeavesTheBackoffWhereItWas) {
  lose_after(1);
  EXPECT_GT(three_failures(), 100ms + 200ms + 400ms);
}

TEST_F(LeaseScenario, ALeaseHeldForTenSecondsBeginsTheBackoffAnew) {
  lose_after(5);
  EXPECT_LE(three_failures(), 100ms + 200ms + 400ms);
}

TEST_F(LeaseScenario, RepairsAtOnceAreEarnedByTime) {
  const WatchId watching = hold();
  Instance garbage = greeter("g-1", 1);
  garbage.address = "10.9.9.9:1";
  const auto repaired_at_once = [&](std::uint64_t revision) {
    own_key(watching, RecordEvent::Type::kPut, garbage, revision);
    run();
    const bool at_once = registry.has<PutRecord>();
    if (at_once) put(7, revision + 1);
    return at_once;
  };
  EXPECT_TRUE(repaired_at_once(10) && repaired_at_once(20) && repaired_at_once(30));
  advance(1s);
  EXPECT_TRUE(repaired_at_once(40));
  EXPECT_FALSE(repaired_at_once(50));
}

TEST_F(LeaseScenario, WhileRenewalsFailNothingElseIsTriedUntilOneWorks) {
  const WatchId watching = hold();
  tell(keeper, WatchBroken{watching, {Errc::kUnavailable, "connection reset"}});
  registry.expect<StopWatch>();
  advance(100ms);
  registry.expect<PutRecord>().fail(Errc::kUnavailable);
  while (!registry.has<RenewLease>()) {
    advance(100ms);
    while (registry.has<PutRecord>()) registry.expect<PutRecord>().fail(Errc::kUnavailable);
  }
  int puts = 0, renewals = 0;
  for (const TimePoint end = now() + 18s; now() < end; advance(10ms)) {
    for (; registry.has<RenewLease>(); ++renewals)
      registry.expect<RenewLease>().fail(Errc::kUnavailable);
    for (; registry.has<PutRecord>(); ++puts) registry.expect<PutRecord>().fail(Errc::kUnavailable);
  }
  EXPECT_GE(renewals, 10);
  EXPECT_LE(puts, 4);
  renew();
  put(7, 30);
  EXPECT_EQ(watch(), WatchId{2});
  listener.expect_nothing();
}

TEST_F(LeaseScenario, AnOwnWatchThatBrokeIsBegunAnewWhereTheRecordStands) {
  const WatchId watching = hold();
  tell(keeper, WatchBroken{watching, {Errc::kUnavailable, "the stream ended"}});
  EXPECT_EQ(registry.expect<StopWatch>()->watch, watching);
  advance(100ms);
  put(7, 30);
  const auto again = registry.expect<WatchRecords>();
  EXPECT_EQ(again->after_revision, 30u);
  EXPECT_NE(again->watch, watching);
  listener.expect_nothing();
}

}  // namespace
}  // namespace brontes
