#include <brontes/actors/testkit/gtest.hpp>
#include <brontes/discovery/watch_loop.hpp>

namespace brontes {
namespace {

using namespace std::chrono_literals;

Record record(const std::string& id, std::uint64_t revision, bool healthy = true) {
  Instance instance;
  instance.name = "orders";
  instance.instance_id = id;
  instance.address = "10.0.0.1:80";
  instance.healthy = healthy;
  instance.tags["revision"] = std::to_string(revision);
  const std::string key = record_key(instance);
  return {key, std::make_shared<const Instance>(std::move(instance)), revision};
}
RecordEvent put_event(const std::string& id, std::uint64_t revision, bool healthy = true) {
  return {RecordEvent::Type::kPut, record(id, revision, healthy)};
}
RecordEvent removed(const std::string& id, std::uint64_t revision) {
  return {RecordEvent::Type::kRemoved, {"orders/" + id, nullptr, revision}};
}

struct WatchLoopScenario : ScenarioTest {
  Probe<Registry> registry = probe<Registry>("registry");
  Probe<SnapshotSink> sink = probe<SnapshotSink>("sink");
  WatchLoop loop;
  WatchId watch;

  ~WatchLoopScenario() override { stop(loop); }

  void start(RegistryFeatures features = {}, WatchLoopOptions options = {}) {
    options.id = 42;
    loop = spawn_watch_loop(system(), {"scripted:", registry.handle(), features, nullptr},
                            Query{"orders", "", {}, {}}, sink.handle(), options);
    run();
  }
  void list(std::uint64_t revision, std::vector<Record> records, std::uint64_t epoch = 1) {
    registry.expect<ListRecords>().reply(RecordsListed{revision, epoch, std::move(records)});
  }
  void watch_from(std::uint64_t after, std::uint64_t current, std::uint64_t epoch = 1) {
    auto wish = registry.expect<WatchRecords>();
    EXPECT_EQ(wish->after_revision, after);
    watch = wish->watch;
    wish.reply(WatchStarted{watch, current, epoch});
  }
  void change(std::uint64_t revision, std::vector<RecordEvent> events) {
    tell(loop, RecordsChanged{watch, revision, std::move(events)});
  }
  SnapshotPtr snapshot() {
    const auto changed = sink.expect<SnapshotChanged>();
    EXPECT_EQ(changed->loop, 42u);
    return changed->snapshot ? changed->snapshot : std::make_shared<const Snapshot>();
  }
  std::string ids(const SnapshotPtr& snapshot) {
    std::string text;
    for (const auto& instance : snapshot->instances) text += instance->instance_id;
    return text;
  }
  /// So often that the pauses between attempts are as long as they get; up to the next attempt.
  void fail_to_resume(int times) {
    tell(loop, WatchBroken{watch, {Errc::kUnavailable, "cut"}});
    registry.expect<StopWatch>();
    for (int i = 0; i < times; ++i) {
      while (!registry.has<WatchRecords>()) advance(10ms);
      registry.expect<WatchRecords>().fail(Errc::kUnavailable, "refused");
      registry.expect<StopWatch>();
    }
    while (!registry.has<WatchRecords>()) advance(10ms);
  }
  void settled(std::vector<Record> records) {
    start();
    list(5, std::move(records));
    watch_from(5, 5);
    snapshot();
    advance(1s);
  }
};

TEST_F(WatchLoopScenario, ListsThenWatchesFromTheListedRevision) {
  start();
  list(5, {record("b", 4), record("a", 3)});
  const SnapshotPtr first = snapshot();
  EXPECT_EQ(ids(first), "ab");
  EXPECT_EQ(first->status, SnapshotStatus::kLive);
  EXPECT_EQ(first->revision, 5u);
  watch_from(5, 5);
  change(6, {put_event("c", 6)});
  advance(50ms);
  EXPECT_EQ(ids(snapshot()), "abc");
}

TEST_F(WatchLoopScenario, DropsWhatItHasSeenAlready) {
  settled({record("a", 5)});
  change(6, {put_event("b", 6)});
  change(6, {put_event("b", 6)});
  change(7, {removed("a", 4), put_event("c", 7)});
  advance(1s);
  SnapshotPtr last = snapshot();
  for (int i = 0; i < 1 && ids(last) != "abc"; ++i) last = snapshot();
  EXPECT_EQ(ids(last), "abc");
  sink.expect_nothing();
}

TEST_F(WatchLoopScenario, CoalescesABurst) {
  settled({record("a", 5)});
  for (std::uint64_t i = 6; i < 1006; ++i) change(i, {put_event("n" + std::to_string(i), i)});
  advance(1s);
  EXPECT_LE(snapshot()->instances.size(), 1001u);
  EXPECT_EQ(snapshot()->instances.size(), 1001u);
  sink.expect_nothing();
}

TEST_F(WatchLoopScenario, DrainingIsNewsWithinFiveMilliseconds) {
  settled({record("a", 5), record("b", 5)});
  change(6, {put_event("c", 6)});
  snapshot();
  change(7, {put_event("a", 7, false)});
  advance(5ms);
  EXPECT_FALSE(snapshot()->instances[0]->healthy);
}

TEST_F(WatchLoopScenario, BrokenWatchResumesWhereItWas) {
  settled({record("a", 5)});
  change(9, {put_event("b", 9)});
  snapshot();
  tell(loop, WatchBroken{watch, {Errc::kUnavailable, "cut"}});
  registry.expect<StopWatch>();
  advance(50ms);
  watch_from(9, 12);
  advance(2s);
  sink.expect_nothing();  // back within a second: no news
}

TEST_F(WatchLoopScenario, CompactedHistoryIsListedAnewAndOnlyTheDifferenceShows) {
  settled({record("a", 5), record("b", 5), record("c", 5), record("d", 5)});
  tell(loop, WatchBroken{watch, {Errc::kOutOfRange, "compacted"}});
  registry.expect<StopWatch>();
  advance(50ms);
  list(90, {record("a", 5), record("b", 5), record("c", 5), record("e", 80)});
  const SnapshotPtr after = snapshot();
  EXPECT_EQ(ids(after), "abce");
  EXPECT_EQ(after->epoch, 1u);
  watch_from(90, 90);
}

TEST_F(WatchLoopScenario, AResumedWatchThatHearsOfALostHistoryListsAtOnce) {
  for (const bool compacted : {true, false}) {
    settled({record("a", 5)});
    fail_to_resume(10);
    auto wish = registry.expect<WatchRecords>();
    if (compacted)
      wish.fail(Errc::kOutOfRange, "compacted");
    else
      wish.reply(WatchStarted{wish->watch, 1, 2});
    registry.expect<StopWatch>();
    list(7, {record("a", 5)}, compacted ? 1 : 2);
    registry.expect<WatchRecords>();
    stop(loop);
    registry.expect<StopWatch>();
    while (sink.has<SnapshotChanged>()) sink.expect<SnapshotChanged>();
  }
}

TEST_F(WatchLoopScenario, AHistoryOfNoLengthIsNotAskedForWithoutEnd) {
  settled({record("a", 5)});
  tell(loop, WatchBroken{watch, {Errc::kUnavailable, "cut"}});
  int lists = 0;
  for (Duration waited{}; waited < 60s; waited += 10ms, advance(10ms)) {
    while (registry.has<WatchRecords>()) registry.expect<WatchRecords>().fail(Errc::kOutOfRange);
    for (; registry.has<ListRecords>(); ++lists) list(9, {record("a", 5)});
  }
  EXPECT_LE(lists, 100);
  EXPECT_GE(lists, 20);
}

TEST_F(WatchLoopScenario, StaleAfterASecondWithTheCauseThenLiveAgain) {
  settled({record("a", 5)});
  tell(loop, WatchBroken{watch, {Errc::kUnavailable, "connection refused"}});
  registry.expect<StopWatch>();
  advance(999ms);
  sink.expect_nothing();
  advance(1ms);
  const SnapshotPtr stale = snapshot();
  EXPECT_EQ(stale->status, SnapshotStatus::kStale);
  EXPECT_EQ(stale->cause.message(), "connection refused");
  EXPECT_EQ(ids(stale), "a");
  watch_from(5, 5);
  EXPECT_EQ(snapshot()->status, SnapshotStatus::kLive);
}

TEST_F(WatchLoopScenario, AWatchThatWasBlindIsStaleAtOnceIfNobodyTakesOver) {
  settled({record("a", 5)});
  tell(loop, WatchBroken{watch, {Errc::kFailedPrecondition, "no leader"}});
  registry.expect<StopWatch>();
  advance(50ms);
  sink.expect_nothing();
  registry.expect<WatchRecords>().fail(Errc::kUnavailable, "connection refused");
  advance(1ms);
  const SnapshotPtr stale = snapshot();
  EXPECT_EQ(stale->status, SnapshotStatus::kStale);
  EXPECT_EQ(stale->cause.message(), "connection refused");
}

TEST_F(WatchLoopScenario, AWatchThatWasBlindIsNotStaleIfAnotherMemberTakesOver) {
  settled({record("a", 5)});
  tell(loop, WatchBroken{watch, {Errc::kFailedPrecondition, "no leader"}});
  registry.expect<StopWatch>();
  advance(50ms);
  watch_from(5, 5);
  advance(500ms);
  sink.expect_nothing();
}

TEST_F(WatchLoopScenario, RegistryThatWasNeverReachedIsStaleToo) {
  start();
  registry.expect<ListRecords>().fail(Errc::kUnavailable, "refused");
  advance(1s);
  const SnapshotPtr stale = snapshot();
  EXPECT_EQ(stale->status, SnapshotStatus::kStale);
  EXPECT_EQ(stale->revision, 0u);
}

TEST_F(WatchLoopScenario, LateAnswerOfAnEarlierAttemptIsIgnored) {
  start();
  auto late = registry.expect<ListRecords>();
  advance(5s);
  advance(50ms);
  list(7, {record("b", 7)});
  EXPECT_EQ(snapshot()->status, SnapshotStatus::kStale);
  EXPECT_EQ(ids(snapshot()), "b");
  late.reply(RecordsListed{5, 1, {record("a", 5)}});
  advance(1s);
  sink.expect_nothing();
}

TEST_F(WatchLoopScenario, FallenRevisionBeginsAnEpochAndHoldsWhatVanished) {
  settled({record("a", 5), record("b", 5)});
  tell(loop, WatchBroken{watch, {Errc::kUnavailable, "restarted"}});
  registry.expect<StopWatch>();
  advance(50ms);
  watch_from(5, 1, 1);  // silent for ever, if one believed it
  registry.expect<StopWatch>();
  advance(100ms);
  list(1, {});
  const SnapshotPtr held = snapshot();
  EXPECT_EQ(held->epoch, 2u);
  EXPECT_EQ(ids(held), "ab");
  EXPECT_EQ(held->held, (std::vector<std::string>{"a", "b"}));
  watch_from(1, 1);
  change(2, {put_event("a", 2)});
  advance(50ms);
  const SnapshotPtr returned = snapshot();
  EXPECT_EQ(ids(returned), "ab");
  EXPECT_EQ(returned->held, (std::vector<std::string>{"b"}));
  advance(60s);
  EXPECT_EQ(ids(snapshot()), "a");
}

TEST_F(WatchLoopScenario, AfterALostHistoryEvenOneThatIsMissingIsHeld) {
  settled({record("a", 5), record("b", 5), record("c", 5), record("drained", 5, false)});
  tell(loop, WatchBroken{watch, {Errc::kUnavailable, "restarted"}});
  advance(50ms);
  watch_from(5, 3, 2);
  list(3, {record("a", 2), record("b", 3)}, 2);
  const SnapshotPtr held = snapshot();
  EXPECT_EQ(ids(held), "abc");
  EXPECT_EQ(held->held, (std::vector<std::string>{"c"}));
  watch_from(3, 3, 2);
  advance(59s);
  sink.expect_nothing();
  advance(1s);
  EXPECT_EQ(ids(snapshot()), "ab");
}

TEST_F(WatchLoopScenario, EmptyOverNonEmptyIsBelievedAfterASecondList) {
  settled({record("a", 5)});
  change(6, {removed("a", 6)});
  advance(10ms);
  EXPECT_EQ(snapshot()->held.size(), 1u);
  advance(1s);
  list(6, {});
  advance(50ms);
  EXPECT_EQ(ids(snapshot()), "");
}

TEST_F(WatchLoopScenario, DrainedOnesLeaveWithoutDoubt) {
  settled({record("a", 5)});
  change(6, {put_event("a", 6, false)});
  change(7, {removed("a", 7)});
  advance(10ms);
  SnapshotPtr last = snapshot();
  if (!last->instances.empty()) last = snapshot();
  EXPECT_EQ(ids(last), "");
  EXPECT_TRUE(last->held.empty());
}

TEST_F(WatchLoopScenario, OneOfManyLeavesWithoutDoubt) {
  settled({record("a", 5), record("b", 5), record("c", 5)});
  change(6, {removed("b", 6)});
  advance(5ms);
  const SnapshotPtr after = snapshot();
  EXPECT_EQ(ids(after), "ac");
  EXPECT_TRUE(after->held.empty());
}

TEST_F(WatchLoopScenario, PollsWhatCannotBeWatched) {
  start({.writable = false, .watchable = false, .revisions = true});
  list(1, {record("a", 1)});
  EXPECT_EQ(ids(snapshot()), "a");
  registry.expect_nothing();
  advance(10s);
  list(2, {record("a", 1), record("b", 2)});
  advance(50ms);
  EXPECT_EQ(ids(snapshot()), "ab");
}

TEST_F(WatchLoopScenario, AntiEntropyRepairsWhatTheWatchMissed) {
  start({}, {.request_timeout = 10min});
  list(5, {record("a", 5)});
  watch_from(5, 5);
  snapshot();
  advance(6min);
  list(8, {record("a", 5), record("b", 8)});
  advance(50ms);
  EXPECT_EQ(ids(snapshot()), "ab");
}

TEST_F(WatchLoopScenario, KeepsWhatTheQueryWants) {
  WatchLoopOptions options;
  options.id = 42;
  Query query{"orders", "", {{"revision", "3"}}, {}};
  loop = spawn_watch_loop(system(), {"scripted:", registry.handle(), {}, nullptr}, query,
                          sink.handle(), options);
  list(5, {record("a", 3), record("b", 5)});
  EXPECT_EQ(ids(snapshot()), "a");
}

TEST_F(WatchLoopScenario, AChangeThatCannotBeReadLeavesTheLastGoodRecord) {
  settled({record("a", 3), record("b", 4)});
  change(6, {{RecordEvent::Type::kPut, {"orders/a", nullptr, 6}}, put_event("b", 6)});
  const auto after = snapshot();
  EXPECT_EQ(ids(after), "ab");
  EXPECT_EQ(after->instances[0]->tags.at("revision"), "3");
}

}  // namespace
}  // namespace brontes
