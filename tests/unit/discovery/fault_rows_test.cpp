// The fault matrix, rows of leases and registrations: what becomes of a record when its process,
// its lease, its key or its registry fails. Figures are virtual time; docs/testing-faults.md has
// the table.
#include "fault_world.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;
using Type = AnnouncementEvent::Type;

/// Until the record stands again.
Duration until_back(FaultWorld& world) {
  return world.until([&] { return world.registered() == world.providers.size(); });
}

TEST(FaultRows, F02AProcessThatWasPausedForLongerThanItsTtlRegistersAgainWithinASecond) {
  play("F02", 1s, [](FaultWorld& world) {
    Provider& one = world.provide("a");
    world.any_phase();
    const TimePoint end = world.now() + kTtl + 3s;
    world.inject(Fault::pause(kTtl + 3s), one.keeper);
    EXPECT_LE(world.until([&] { return world.registered() == 0; }), kTtl + 800ms);
    world.advance(end - world.now() - 1ms);
    EXPECT_EQ(world.registered(), 0u);
    const Duration missing = until_back(world);
    EXPECT_EQ(world.registry().records[0].key, "svc/a");
    return missing;
  });
}

TEST(FaultRows, F03AProcessThatWasPausedForLessThanItsTtlLosesNothing) {
  play("F03", 0ms, [](FaultWorld& world) {
    Provider& one = world.provide("a");
    Consumer& eye = world.consume();
    world.any_phase();
    one.count(Type::kLost);
    world.inject(Fault::pause(kTtl / 2), one.keeper);
    world.advance(5 * kTtl);
    EXPECT_EQ(one.count(Type::kLost), 0);
    EXPECT_EQ(one.traffic->grants, 1);
    EXPECT_EQ(eye->removed.size(), 0u);
    return Duration{};
  });
}

TEST(FaultRows, F04ARevokedLeaseIsReplacedWithin400Milliseconds) {
  play("F04", 400ms, [](FaultWorld& world) {
    Provider& one = world.provide("a");
    world.any_phase();
    const LeaseId before = world.lease_of(one);
    world.expire(one);
    const Duration missing = until_back(world);
    EXPECT_NE(world.lease_of(one), before);
    return missing;
  });
}

TEST(FaultRows, F05ADeletedKeyIsPutBackWithin50MillisecondsUnderTheSameLease) {
  play("F05", 50ms, [](FaultWorld& world) {
    Provider& one = world.provide("a");
    world.any_phase();
    const LeaseId before = world.lease_of(one);
    world.remove(one);
    const Duration missing = until_back(world);
    EXPECT_EQ(world.lease_of(one), before);
    return missing;
  });
}

TEST(FaultRows, F06AnOverwrittenKeyIsPutRightWithin50MillisecondsAndOthersAreUnaffected) {
  play("F06", 50ms, [](FaultWorld& world) {
    world.provide("a");
    world.provide("b");
    world.any_phase();
    Instance wrong = instance("a");
    wrong.address = "6.6.6.6:666";
    world.put(wrong);
    const Duration wrong_for = world.until(
        [&] { return *world.registry().records[0].instance == world.providers[0].record; });
    EXPECT_EQ(*world.registry().records[1].instance, world.providers[1].record);
    return wrong_for;
  });
}

TEST(FaultRows, F07ANewerRecordUnderTheOwnKeyIsNotFought) {
  play("F07", 0ms, [](FaultWorld& world) {
    Provider& one = world.provide("a");
    world.any_phase();
    const int puts = one.traffic->puts;
    world.put(instance("a", 2000));
    world.advance(10 * kTtl);
    EXPECT_GE(one.count(Type::kConflict), 9);
    // One attempt a ttl, and the audit of each minute.
    EXPECT_LE(one.traffic->puts - puts, 12);
    EXPECT_EQ(incarnation(*world.registry().records[0].instance), 2000u);
    return Duration{};
  });
}

TEST(FaultRows, F08OfTwoProcessesWithOneIdTheNewerWinsAndTheOtherOneTakesOverWithinATtl) {
  play("F08", kTtl, [](FaultWorld& world) {
    world.provide("a", 1000);
    world.any_phase();
    Provider& newer = world.provide("a", 2000);
    world.advance(3 * kTtl);
    EXPECT_EQ(incarnation(*world.registry().records[0].instance), 2000u);
    EXPECT_EQ(newer.count(Type::kConflict), 0);
    EXPECT_GE(world.providers[0].count(Type::kConflict), 1);
    world.advance(world.upto(kTtl));
    world.tell(newer.keeper, WithdrawRecord{"a"});
    return world.until([&] {
      const auto records = world.registry().records;
      return records.size() == 1 && incarnation(*records[0].instance) == 1000;
    });
  });
}

TEST(FaultRows, F09WhoeverLeavesIsDrainedFirst) {
  play("F09", 2s, [](FaultWorld& world) {
    world.provide_many(3);
    Consumer& eye = world.consume();
    world.any_phase();
    world.tell(world.providers[1].keeper, WithdrawRecord{"p1"});
    const Duration took = world.until([&] { return eye->is(SnapshotStatus::kLive, 2); });
    EXPECT_EQ(eye->snatched.size(), 0u);
    return took;
  });
}

TEST(FaultRows, F10LeavingEndsThoughTheRegistryIsDead) {
  play("F10", kTtl + kPeriod, [](FaultWorld& world) {
    Provider& one = world.provide("a");
    world.any_phase();
    world.begin_outage();
    world.tell(one.keeper, WithdrawRecord{"a"});
    // Nobody needs to wait for it: Announcement::withdraw() is bounded by its caller.
    return world.until([&] { return one.count(Type::kDeregistered) == 1; });
  });
}

TEST(FaultRows, F11WhoeverIsKilledWhileItDrainsIsNotPickedAndGoneAfterItsTtl) {
  play("F11", kTtl, [](FaultWorld& world) {
    world.provide_many(2);
    Consumer& eye = world.consume();
    world.any_phase();
    world.tell(world.providers[0].keeper, DrainRecord{"p0"});
    EXPECT_LE(world.until([&] { return !eye->newest->instances[0]->healthy; }), kWindow);
    world.crash(world.providers[0]);
    const Duration gone = world.until([&] { return eye->is(SnapshotStatus::kLive, 1); });
    EXPECT_EQ(eye->snatched.size(), 0u);
    return gone;
  });
}

TEST(FaultRows, F12ARegistryThatComesTwentySecondsLateHasEverybodyWithinTwo) {
  play("F12", 2s, [](FaultWorld& world) {
    for (const char* id : {"a", "b", "c"}) world.provide(id, 1000, {.refuse = true});
    world.advance(20s + world.upto(kPeriod));
    EXPECT_EQ(world.registered(), 0u);
    world.rule_all({});
    return until_back(world);
  });
}

TEST(FaultRows, F15RenewalsThatAreAnsweredTooLateEndNoLease) {
  play("F15", 0ms, [](FaultWorld& world) {
    Provider& one = world.provide("a");
    Consumer& eye = world.consume();
    world.any_phase();
    one.count(Type::kLost);
    world.tell(one.gate, GateRules{.delay = Duration(kTtl) * 6 / 10});
    world.advance(10 * kTtl);
    EXPECT_EQ(one.count(Type::kLost), 0);
    EXPECT_EQ(one.traffic->grants, 1);
    EXPECT_EQ(eye->removed.size(), 0u);
    return Duration{};
  });
}

TEST(FaultRows, F17APutWhoseAnswerIsLostIsRepeatedUnderTheSameLease) {
  // As long as an answer is waited for; a connection that breaks with it tells so at once.
  play("F17", 3200ms, [](FaultWorld& world) {
    Provider& one = world.provide("a");
    world.any_phase();
    one.count(Type::kRegistered);
    const LeaseId lease = world.lease_of(one);
    world.tell(one.gate, GateRules{.lost_answers = 1});
    world.tell(one.keeper, AnnounceRecord{instance("b"), one.listener.handle()});
    EXPECT_EQ(world.registered(), 2u);
    const Duration took = world.until([&] { return one.count(Type::kRegistered) == 1; });
    EXPECT_EQ(world.registered(), 2u);
    EXPECT_EQ(world.lease_of(one), lease);
    EXPECT_EQ(one.traffic->grants, 1);
    return took;
  });
}

TEST(FaultRows, F18HundredsOfRecordsOfAProcessShareOneLease) {
  play("F18", 1s, [](FaultWorld& world) {
    Provider& one = world.provide("0");
    for (int i = 1; i < 300; ++i)
      world.tell(one.keeper, AnnounceRecord{instance(std::to_string(i)), {}});
    const Duration took = world.until([&] { return world.registered() == 300; });
    world.advance(10 * kPeriod);
    EXPECT_EQ(one.traffic->grants, 1);
    EXPECT_LE(one.traffic->renewals, 12);
    return took;
  });
}

TEST(FaultRows, F19AFullRegistryKeepsWhatItHasAndTakesTheRestWhenThereIsRoom) {
  const auto figure = [](FaultWorld& world) {
    Provider& first = world.provide("first");
    world.any_phase();
    Provider& second = world.provide("second");
    world.advance(10 * kTtl);
    EXPECT_EQ(world.registry().records[0].key, "svc/first");
    EXPECT_EQ(first.count(Type::kLost), 0);
    world.tell(first.keeper, WithdrawRecord{"first"});
    return world.until([&] { return second.count(Type::kRegistered) == 1; });
  };
  play("F19", 30s, figure, {.record_limit = 1});
}

TEST(FaultRows, F20AfterAnOutageOfTenMinutesEverybodyIsBackAndNobodyGaveUp) {
  play("F20", 2500ms, [](FaultWorld& world) {
    world.provide_many(3);
    world.any_phase();
    world.rule_all({.refuse = true});  // longer than any lease lives
    world.advance(10min + world.upto(kPeriod));
    EXPECT_EQ(world.registered(), 0u);
    for (const Provider& one : world.providers) EXPECT_LE(one.traffic->busiest_second(), 10u);
    world.rule_all({});
    return until_back(world);
  });
}

TEST(FaultRows, F39WhenSomebodyDeletesEverythingItIsPutBackAndNoConsumerLosesAnybody) {
  play("F39", 50ms, [](FaultWorld& world) {
    world.provide_many(5);
    Consumer& eye = world.consume();
    world.any_phase();
    world.tell(world.memory, RemoveAllRecords{});
    const Duration missing = until_back(world);
    world.advance(3s);
    EXPECT_EQ(eye->removed.size(), 0u);
    EXPECT_TRUE(eye->is(SnapshotStatus::kLive, 5));
    for (Provider& one : world.providers) {
      EXPECT_EQ(one.count(Type::kReregistered), 1);
      EXPECT_EQ(one.traffic->grants, 1);
    }
    return missing;
  });
}

TEST(FaultRows, F46ALeaseThatIsGoneThoughItsRenewalsAreAnsweredIsReplaced) {
  play("F46", 400ms, [](FaultWorld& world) {
    Provider& one = world.provide("a");
    world.any_phase();
    world.tell(one.gate, GateRules{.lying_renewals = true});
    world.expire(one);
    return until_back(world);
  });
}

}  // namespace
}  // namespace brontes::testing
