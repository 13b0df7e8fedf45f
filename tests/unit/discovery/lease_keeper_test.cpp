// What a lease keeper makes of wishes, and of what others do to its records.
#include <brontes/discovery/registries/memory_registry.hpp>

#include "lease_keeper_scenario.hpp"

namespace brontes {
namespace {

using namespace std::chrono_literals;
using Type = AnnouncementEvent::Type;

TEST_F(LeaseKeeperScenario, RenewsAThirdOfTheTtlAfterTheGrant) {
  hold();
  advance(2699ms);
  registry.expect_nothing();
  advance(601ms);
  EXPECT_EQ(registry.expect<RenewLease>()->lease, LeaseId{7});
}

TEST_F(LeaseKeeperScenario, RenewsAThirdOfTheTtlAfterEachRenewal) {
  hold();
  for (int i = 0; i < 3; ++i) {
    Duration waited{};
    for (; !registry.has<RenewLease>() && waited < 9s; waited += 100ms) advance(100ms);
    EXPECT_GE(waited, 2600ms) << i;
    ASSERT_LE(waited, 3400ms) << i;
    registry.expect<RenewLease>().reply(LeaseRenewed{LeaseId{7}, 9s});
  }
}

TEST_F(LeaseKeeperScenario, ForgottenLeaseIsGrantedAnewWithTheSameId) {
  hold();
  advance(3300ms);
  registry.expect<RenewLease>().fail(Errc::kNotFound);
  expect(Type::kLost);
  advance(250ms);
  grant(8);
  auto again = registry.expect<PutRecord>();
  EXPECT_EQ(again->instance.instance_id, "g-1");
  EXPECT_EQ(again->lease, LeaseId{8});
  again.reply(RecordPut{"greeter/v1/g-1", 9});
  expect(Type::kReregistered);
}

TEST_F(LeaseKeeperScenario, SilenceIsNoLoss) {
  hold();
  for (int i = 0; i < 30; ++i) advance(1s);
  listener.expect_nothing();
  owner.tell(keeper, DescribeLease{});
  EXPECT_EQ(owner.expect<LeaseDescription>()->phase, LeasePhase::kUnknown);
  registry.expect<RenewLease>();  // it still asks, and for the old lease
  Received last = registry.expect<RenewLease>();
  EXPECT_EQ(last->lease, LeaseId{7});
}

TEST_F(LeaseKeeperScenario, NeverStopsAskingForALease) {
  tell(keeper, AnnounceRecord{greeter(), listener.handle()});
  for (int i = 0; i < 200; ++i) {
    registry.expect<GrantLease>().fail(Errc::kUnavailable);
    advance(2s);
  }
  grant(7);
  put(7, 5);
  expect(Type::kRegistered);
}

TEST_F(LeaseKeeperScenario, DeregisterThatOvertakesTheGrantLeavesNoLease) {
  owner.tell(keeper, AnnounceRecord{greeter(), listener.handle()});
  auto wish = registry.expect<GrantLease>();
  owner.tell(keeper, WithdrawRecord{"g-1"});
  owner.expect<RecordStands>();
  owner.expect<RecordStands>();
  expect(Type::kDeregistered);
  wish.reply(LeaseGranted{LeaseId{7}, 9s});
  EXPECT_EQ(registry.expect<RevokeLease>()->lease, LeaseId{7});
  registry.expect_nothing();
}

TEST_F(LeaseKeeperScenario, WithdrawDrainsThenRevokes) {
  hold();
  owner.tell(keeper, WithdrawRecord{"g-1"});
  auto drained = registry.expect<PutRecord>();
  EXPECT_FALSE(drained->instance.healthy);
  drained.reply(RecordPut{"greeter/v1/g-1", 6});
  owner.expect_nothing();
  registry.expect<RevokeLease>().reply();
  owner.expect<RecordStands>();
  expect(Type::kDeregistered);
}

TEST_F(LeaseKeeperScenario, TheLastOfTwoRevokesTheOtherIsRemoved) {
  hold("g-1");
  owner.tell(keeper, AnnounceRecord{greeter("g-2"), listener.handle()});
  put(7, 6);
  watch();
  expect(Type::kRegistered);
  owner.expect<RecordStands>();
  owner.tell(keeper, WithdrawRecord{"g-1"});
  put(7, 7);
  auto removal = registry.expect<RemoveRecord>();
  EXPECT_EQ(removal->key, "greeter/v1/g-1");
  removal.reply();
  expect(Type::kDeregistered);
  owner.expect<RecordStands>();
  registry.expect<StopWatch>();
  registry.expect_nothing();
}

TEST_F(LeaseKeeperScenario, RemovedOwnKeyIsPutBackAtOnce) {
  const WatchId watching = hold();
  own_key(watching, RecordEvent::Type::kRemoved, greeter(), 11);
  expect(Type::kLost);
  put(7, 12);
  expect(Type::kReregistered);
}

TEST_F(LeaseKeeperScenario, OverwrittenOwnKeyIsPutBackButNotInADuel) {
  const WatchId watching = hold();
  Instance garbage = greeter("g-1", 1);
  garbage.address = "10.9.9.9:1";
  int puts = 0;
  for (std::uint64_t revision = 11; revision < 40; revision += 2) {
    own_key(watching, RecordEvent::Type::kPut, garbage, revision);
    owner.tell(keeper, DescribeLease{});
    if (owner.expect<LeaseDescription>()->stand_count == 1) break;
    if (puts == 3) break;
    put(7, revision + 1);
    ++puts;
  }
  EXPECT_EQ(puts, 3);
  registry.expect_nothing();
}

TEST_F(LeaseKeeperScenario, NewerIncarnationIsNotFought) {
  const WatchId watching = hold();
  own_key(watching, RecordEvent::Type::kPut, greeter("g-1", 2000), 11);
  expect(Type::kConflict);
  advance(9s);  // one ttl later it looks whether the other one is still there
  registry.expect<PutRecord>().fail(Errc::kAlreadyExists);
  expect(Type::kConflict);
  advance(9s);
  put(7, 12);
  owner.tell(keeper, DescribeLease{});
  EXPECT_EQ(owner.expect<LeaseDescription>()->stand_count, 1u);
}

TEST_F(LeaseKeeperScenario, AnnouncedAgainWhileLeavingItsLeaseIsRenewedAgain) {
  hold();
  tell(keeper, WithdrawRecord{"g-1"});
  put(7, 6);
  registry.expect<RevokeLease>();
  advance(3300ms);  // a renewal was due, but nobody stays; the revocation got no answer
  registry.expect<RevokeLease>().fail(Errc::kUnavailable);
  tell(keeper, AnnounceRecord{greeter(), listener.handle()});
  put(7, 7);
  advance(1ms);
  EXPECT_EQ(registry.expect<RenewLease>()->lease, LeaseId{7});
}

TEST_F(LeaseKeeperScenario, WithdrawalThatNobodyHearsEndsWithTheTtl) {
  hold();
  owner.tell(keeper, WithdrawRecord{"g-1"});
  advance(20s);
  owner.expect<RecordStands>();
  const auto event = listener.expect<AnnouncementEvent>();
  EXPECT_EQ(event->type, Type::kDeregistered);
  EXPECT_EQ(event->cause.code(), Errc::kDeadlineExceeded);
}

TEST_F(LeaseKeeperScenario, AnswerOfAPutThatWasLostIsAskedAgain) {
  owner.tell(keeper, AnnounceRecord{greeter(), listener.handle()});
  grant(7);
  registry.expect<PutRecord>();  // never answered
  advance(3s);
  advance(100ms);
  auto again = registry.expect<PutRecord>();
  again.reply(RecordPut{"greeter/v1/g-1", 5});
  expect(Type::kRegistered);
}

TEST_F(LeaseKeeperScenario, BadRecordsAreRefused) {
  Instance bad = greeter();
  bad.name = "a/b";
  owner.tell(keeper, AnnounceRecord{bad, {}});
  EXPECT_EQ(owner.expect<Status>()->code(), Errc::kInvalidArgument);
  owner.tell(keeper, DrainRecord{"nobody"});
  EXPECT_EQ(owner.expect<Status>()->code(), Errc::kNotFound);
}

/// The same keeper before the memory registry.
struct KeptInMemory : ScenarioTest {
  MemoryRegistry memory = spawn_memory_registry(system());
  Probe<AnnouncementListener> listener = probe<AnnouncementListener>("listener");
  Probe<Registry> asker = probe<Registry>("asker");
  LeaseKeeper keeper =
      spawn_lease_keeper(system(), {"memory:", memory, {}, nullptr}, LeaseKeeperOptions{.ttl = 9s});
  ~KeptInMemory() override {
    stop(keeper);
    stop(memory);
  }
  std::size_t present() {
    asker.tell(memory, ListRecords{{"greeter", "v1", {}, {}}});
    return asker.expect<RecordsListed>()->records.size();
  }
};

TEST_F(KeptInMemory, OutlivesAWipe) {
  tell(keeper, AnnounceRecord{greeter(), listener.handle()});
  run();
  EXPECT_EQ(listener.expect<AnnouncementEvent>()->type, Type::kRegistered);
  tell(memory, WipeRegistry{});
  advance(100ms);  // the own watch broke, and the put that follows finds no lease
  advance(1s);
  EXPECT_EQ(listener.expect<AnnouncementEvent>()->type, Type::kLost);
  EXPECT_EQ(listener.expect<AnnouncementEvent>()->type, Type::kReregistered);
  EXPECT_EQ(present(), 1u);
}

TEST_F(KeptInMemory, SurvivesAnOutageLongerThanTheTtlWithoutAFlap) {
  tell(keeper, AnnounceRecord{greeter(), listener.handle()});
  run();
  listener.expect<AnnouncementEvent>();
  tell(memory, SetFaults{.unavailable = true, .frozen_leases = true});
  advance(30s);
  tell(memory, SetFaults{});
  // The registry still has the lease and says so before it lapses.
  advance(3s);
  EXPECT_EQ(present(), 1u);
}

TEST_F(KeptInMemory, StoppedKeeperLetsTheLeaseLapse) {
  tell(keeper, AnnounceRecord{greeter(), listener.handle()});
  run();
  stop(keeper);
  advance(8900ms);
  EXPECT_EQ(present(), 1u);
  advance(100ms);
  EXPECT_EQ(present(), 0u);
}

TEST_F(LeaseKeeperScenario, RecordThatNobodyCanReadIsPutAgain) {
  const WatchId watching = hold();
  const Record garbled{"greeter/v1/g-1", nullptr, 6};
  tell(keeper, RecordsChanged{watching, 6, {{RecordEvent::Type::kPut, garbled}}});
  put(7, 7);
  listener.expect_nothing();
}

}  // namespace
}  // namespace brontes
