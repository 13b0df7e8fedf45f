#include <brontes/actors/testkit/gtest.hpp>
#include <brontes/discovery/registries/memory_registry.hpp>
#include <brontes/discovery/registries/registries.hpp>

namespace brontes {
namespace {

using namespace std::chrono_literals;

struct MemoryRegistryScenario : ScenarioTest {
  MemoryRegistry memory = spawn_memory_registry(system(), {.history_limit = 10});
  Probe<Registry> asker = probe<Registry>("asker");
  Probe<Watcher> watcher = probe<Watcher>("watcher");
  ~MemoryRegistryScenario() override { stop(memory); }

  static Instance instance(const std::string& id, std::uint64_t born = 1) {
    Instance result;
    result.name = "svc";
    result.instance_id = id;
    result.address = "h:1";
    result.metadata["brontes.incarnation"] = std::to_string(born);
    return result;
  }
  LeaseId grant(std::chrono::seconds ttl = 10s) {
    asker.tell(memory, GrantLease{ttl});
    return asker.expect<LeaseGranted>()->lease;
  }
  std::uint64_t put(LeaseId lease, const Instance& what) {
    asker.tell(memory, PutRecord{lease, what});
    return asker.expect<RecordPut>()->revision;
  }
  Errc refused(LeaseId lease, const Instance& what) {
    asker.tell(memory, PutRecord{lease, what});
    return asker.expect<Status>()->code();
  }
  RecordsListed list() {
    asker.tell(memory, ListRecords{{"svc", "", {}, {}}});
    return *asker.expect<RecordsListed>();
  }
  void watch(std::uint64_t after) {
    asker.tell(memory, WatchRecords{{1}, {"svc", "", {}, {}}, after, watcher.handle()});
  }
};

TEST_F(MemoryRegistryScenario, LeaseLapsesAfterItsTtl) {
  const LeaseId lease = grant();
  put(lease, instance("a"));
  advance(9s);
  asker.tell(memory, RenewLease{lease});
  asker.expect<LeaseRenewed>();
  advance(9999ms);
  EXPECT_EQ(list().records.size(), 1u);
  advance(1ms);
  EXPECT_EQ(list().records.size(), 0u);
  EXPECT_EQ(refused(lease, instance("a")), Errc::kNotFound);
}

TEST_F(MemoryRegistryScenario, PutOfTheSameIsNoChange) {
  const LeaseId lease = grant();
  EXPECT_EQ(put(lease, instance("a")), put(lease, instance("a")));
}

TEST_F(MemoryRegistryScenario, OlderIncarnationNeverOverwritesANewerOne) {
  put(grant(), instance("a", 5));
  EXPECT_EQ(refused(grant(), instance("a", 4)), Errc::kAlreadyExists);
  put(grant(), instance("a", 5));
}

TEST_F(MemoryRegistryScenario, RemoveTouchesOnlyWhatIsUnderThatLease) {
  const LeaseId old = grant();
  put(old, instance("a", 1));
  put(grant(), instance("a", 2));
  asker.tell(memory, RemoveRecord{old, "svc/a"});
  asker.tell(memory, RevokeLease{old});
  EXPECT_EQ(list().records.size(), 1u);
}

TEST_F(MemoryRegistryScenario, LeaseEndsInOneRevision) {
  const LeaseId lease = grant();
  put(lease, instance("a"));
  put(lease, instance("b"));
  watch(list().revision);
  asker.expect<WatchStarted>();
  asker.tell(memory, RevokeLease{lease});
  const auto changed = watcher.expect<RecordsChanged>();
  ASSERT_EQ(changed->events.size(), 2u);
  EXPECT_EQ(changed->events[0].record.revision, changed->events[1].record.revision);
}

TEST_F(MemoryRegistryScenario, WatchReplaysWhatCameSince) {
  const LeaseId lease = grant();
  const auto first = put(lease, instance("a"));
  put(lease, instance("b"));
  watch(first);
  asker.expect<WatchStarted>();
  const auto changed = watcher.expect<RecordsChanged>();
  ASSERT_EQ(changed->events.size(), 1u);
  EXPECT_EQ(changed->events[0].record.key, "svc/b");
  watcher.expect_nothing();
}

TEST_F(MemoryRegistryScenario, ForgottenHistoryIsOutOfRange) {
  const LeaseId lease = grant();
  const auto first = put(lease, instance("a"));
  for (int i = 0; i < 11; ++i) put(lease, instance("b" + std::to_string(i)));
  watch(first);
  EXPECT_EQ(asker.expect<Status>()->code(), Errc::kOutOfRange);
  tell(memory, CompactHistory{});
  watch(list().revision - 1);
  EXPECT_EQ(asker.expect<Status>()->code(), Errc::kOutOfRange);
  watch(list().revision);
  asker.expect<WatchStarted>();
}

TEST_F(MemoryRegistryScenario, WipeBreaksWatchesAndBeginsAnEpoch) {
  const LeaseId lease = grant();
  put(lease, instance("a"));
  watch(2);
  asker.expect<WatchStarted>();
  tell(memory, WipeRegistry{});
  EXPECT_EQ(watcher.expect<WatchBroken>()->cause.code(), Errc::kUnavailable);
  const RecordsListed after = list();
  EXPECT_EQ(after.epoch, 2u);
  EXPECT_EQ(after.revision, 1u);
  EXPECT_GT(grant(), lease);
}

TEST_F(MemoryRegistryScenario, SilenceHoldsAnswersAndChanges) {
  const LeaseId lease = grant();
  watch(1);
  asker.expect<WatchStarted>();
  tell(memory, SetFaults{.silent = true});
  asker.tell(memory, PutRecord{lease, instance("a")});
  asker.expect_nothing();
  watcher.expect_nothing();
  tell(memory, SetFaults{});
  asker.expect<RecordPut>();
  watcher.expect<RecordsChanged>();
}

TEST_F(MemoryRegistryScenario, DroppedAnswerIsDoneAllTheSame) {
  const LeaseId lease = grant();
  tell(memory, SetFaults{.dropped_answers = 1});
  asker.tell(memory, PutRecord{lease, instance("a")});
  asker.expect_nothing();
  EXPECT_EQ(list().records.size(), 1u);
}

TEST_F(MemoryRegistryScenario, DelayedAnswersComeLater) {
  tell(memory, SetFaults{.answer_delay = 300ms});
  asker.tell(memory, GrantLease{10s});
  advance(299ms);
  asker.expect_nothing();
  advance(1ms);
  asker.expect<LeaseGranted>();
}

TEST_F(MemoryRegistryScenario, UnavailableRefusesAndBreaksWatches) {
  watch(1);
  asker.expect<WatchStarted>();
  tell(memory, SetFaults{.unavailable = true});
  watcher.expect<WatchBroken>();
  asker.tell(memory, GrantLease{10s});
  EXPECT_EQ(asker.expect<Status>()->code(), Errc::kUnavailable);
}

TEST_F(MemoryRegistryScenario, AQueryWithoutANameListsEverything) {
  const LeaseId lease = grant();
  put(lease, instance("a"));
  Instance other = instance("b");
  other.name = "orders";
  put(lease, other);
  asker.tell(memory, ListRecords{{}});
  EXPECT_EQ(asker.expect<RecordsListed>()->records.size(), 2u);
  EXPECT_EQ(list().records.size(), 1u);
  EXPECT_TRUE(Query{}.matches(other));
}

TEST_F(MemoryRegistryScenario, AFullOneTakesChangesOfWhatItHas) {
  MemoryRegistryOptions small;
  small.record_limit = 1;
  const MemoryRegistry full = spawn_memory_registry(system(), small);
  asker.tell(full, GrantLease{10s});
  const LeaseId lease = asker.expect<LeaseGranted>()->lease;
  asker.tell(full, PutRecord{lease, instance("a")});
  asker.expect<RecordPut>();
  Instance drained = instance("a");
  drained.healthy = false;
  asker.tell(full, PutRecord{lease, drained});
  asker.expect<RecordPut>();
  asker.tell(full, PutRecord{lease, instance("b")});
  EXPECT_EQ(asker.expect<Status>()->code(), Errc::kResourceExhausted);
  stop(full);
}

TEST(Registries, ShareMemoryOnOneSystemOnly) {
  Scenario stage, elsewhere;
  Registries one(stage.system()), two(stage.system()), other(elsewhere.system());
  EXPECT_EQ(one.open("memory:")->registry, two.open("memory://")->registry);
  EXPECT_NE(one.open("memory:")->registry, one.open("memory:blue")->registry);
  EXPECT_NE(one.open("memory:")->life, other.open("memory:")->life);
  EXPECT_EQ(one.open("nonsense").error().code(), Errc::kInvalidArgument);
}

TEST(StaticRegistry, HasItsAddressesUnderAnyName) {
  Scenario stage;
  Registries registries(stage.system());
  auto open = registries.open("static://a:1,[::1]:2");
  ASSERT_TRUE(open);
  EXPECT_FALSE(open->features.writable);
  auto asker = stage.probe<Registry>("asker");
  asker.tell(open->registry, ListRecords{{"any", "v1", {}, {}}});
  const auto listed = asker.expect<RecordsListed>();
  ASSERT_EQ(listed->records.size(), 2u);
  EXPECT_EQ(listed->records[1].instance->address, "[::1]:2");
  asker.tell(open->registry, GrantLease{});
  EXPECT_EQ(asker.expect<Status>()->code(), Errc::kUnimplemented);
}

}  // namespace
}  // namespace brontes
