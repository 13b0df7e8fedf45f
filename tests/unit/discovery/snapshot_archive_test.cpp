// The archive under virtual time, over a disk that a test scripts; and the resolver with an
// archive.
#include <brontes/actors/log.hpp>
#include <brontes/actors/testkit/gtest.hpp>
#include <brontes/discovery/detail/snapshot_disk.hpp>
#include <brontes/discovery/resolver.hpp>
#include <deque>

namespace brontes {
namespace {

using namespace std::chrono_literals;
using detail::ArchivedSnapshot;

constexpr const char* kUrl = "scripted:";
const Query kStoredOrders{"orders", "v1", {}, {}};

class ScriptedDisk final : public detail::SnapshotDisk {
 public:
  struct Write {
    std::string file;
    ArchivedSnapshot what;
    std::function<void(const Status&)> ear;
  };
  struct Read {
    std::string file;
    std::function<void(const Expected<ArchivedSnapshot>&)> ear;
  };
  void write(std::string file, ArchivedSnapshot what,
             std::function<void(const Status&)> ear) override {
    writes.push_back({std::move(file), std::move(what), std::move(ear)});
  }
  void read(std::string file, std::function<void(const Expected<ArchivedSnapshot>&)> ear) override {
    reads.push_back({std::move(file), std::move(ear)});
  }
  std::deque<Write> writes;
  std::deque<Read> reads;
};

InstancePtr stored_instance(const std::string& id) {
  Instance result;
  result.name = "orders";
  result.version = "v1";
  result.instance_id = id;
  result.address = "10.0.0.1:80";
  return std::make_shared<const Instance>(std::move(result));
}

struct ArchiveScenario : ScenarioTest {
  std::shared_ptr<ScriptedDisk> disk = std::make_shared<ScriptedDisk>();
  SnapshotArchive archive =
      detail::spawn_snapshot_archive(system(), {.directory = "/snapshots"}, disk);
  Probe<SnapshotArchive> asker = probe<SnapshotArchive>("asker");

  ~ArchiveScenario() override {
    if (archive) stop(archive);
  }
  SnapshotPtr snapshot(std::uint64_t revision, SnapshotStatus status = SnapshotStatus::kLive,
                       const Query& query = kStoredOrders) {
    auto result = std::make_shared<Snapshot>();
    result->query = query;
    result->revision = revision;
    result->status = status;
    result->instances = {stored_instance("i" + std::to_string(revision))};
    result->proven = now();
    return result;
  }
  void keep(std::uint64_t revision, SnapshotStatus status = SnapshotStatus::kLive) {
    tell(archive, KeepSnapshot{kUrl, snapshot(revision, status)});
    run();
  }
  /// The revision that is written now, which succeeds or fails; 0: nothing is.
  std::uint64_t written(const Status& status = {}) {
    run();
    if (disk->writes.empty()) return 0;
    const auto job = std::move(disk->writes.front());
    disk->writes.pop_front();
    job.ear(status);
    run();
    return job.what.snapshot->revision;
  }
  /// What comes of a file that holds this.
  SnapshotPtr restored(const Expected<ArchivedSnapshot>& found) {
    asker.tell(archive, RestoreSnapshot{kUrl, kStoredOrders});
    run();
    disk->reads.front().ear(found);
    disk->reads.pop_front();
    run();
    return asker.expect<SnapshotRestored>()->snapshot;
  }
  ArchivedSnapshot archived(Duration age, const Query& query = kStoredOrders,
                            const std::string& url = kUrl) {
    return {url, snapshot(7, SnapshotStatus::kStale, query),
            system().clock().wall() - std::chrono::duration_cast<WallTime::duration>(age)};
  }
};

TEST_F(ArchiveScenario, WhatIsLiveIsWrittenAtOnceWhereItsNameSays) {
  keep(1);
  ASSERT_EQ(disk->writes.size(), 1u);
  const auto& job = disk->writes.front();
  EXPECT_EQ(job.file, "/snapshots/" + detail::snapshot_file_name(kUrl, kStoredOrders));
  EXPECT_EQ(job.what.registry, kUrl);
  EXPECT_EQ(job.what.proven, system().clock().wall());
}

TEST_F(ArchiveScenario, OfChangesInOneSecondTheLatestIsWritten) {
  keep(1);
  EXPECT_EQ(written(), 1u);
  for (std::uint64_t revision = 2; revision < 9; ++revision) keep(revision);
  EXPECT_EQ(written(), 0u);
  advance(1s);
  EXPECT_EQ(written(), 8u);
  advance(1min);
  EXPECT_EQ(written(), 0u);
}

TEST_F(ArchiveScenario, ASlowDiskHasOneJobAndThenTheLatest) {
  keep(1);
  advance(5s);
  keep(2);
  keep(3);
  advance(5s);
  ASSERT_EQ(disk->writes.size(), 1u);
  EXPECT_EQ(written(), 1u);
  EXPECT_EQ(written(), 3u);
  EXPECT_EQ(written(), 0u);
}

TEST_F(ArchiveScenario, WhatStaysLiveIsProvenAgainEveryTenMinutes) {
  keep(1);
  EXPECT_EQ(written(), 1u);
  advance(10min);
  ASSERT_EQ(disk->writes.size(), 1u);
  EXPECT_EQ(disk->writes.front().what.proven, system().clock().wall());
  EXPECT_EQ(written(), 1u);
}

TEST_F(ArchiveScenario, WhatIsStaleIsNotProvenAgain) {
  keep(1);
  EXPECT_EQ(written(), 1u);
  keep(1, SnapshotStatus::kStale);
  advance(1h);
  EXPECT_EQ(written(), 0u);
  keep(2);
  EXPECT_EQ(written(), 2u);
}

TEST_F(ArchiveScenario, AWriteThatFailedIsTriedAgain) {
  keep(1);
  EXPECT_EQ(written({Errc::kUnavailable, "disk full"}), 1u);
  EXPECT_EQ(written(), 0u);
  advance(30s);
  EXPECT_EQ(written(), 1u);
}

TEST_F(ArchiveScenario, AReleasedQueryIsWrittenALastTime) {
  keep(1);
  EXPECT_EQ(written(), 1u);
  keep(2);
  tell(archive, ReleaseSnapshot{kUrl, kStoredOrders});
  EXPECT_EQ(written(), 2u);
  advance(1h);
  EXPECT_EQ(written(), 0u);
}

TEST_F(ArchiveScenario, AnArchiveThatEndsWritesWhatIsLeft) {
  keep(1);
  EXPECT_EQ(written(), 1u);
  keep(2);
  stop(archive);
  EXPECT_EQ(written(), 2u);
}

TEST_F(ArchiveScenario, WhatIsRestoredIsStaleAndAsOldAsItIs) {
  const SnapshotPtr found = restored(archived(90s));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->status, SnapshotStatus::kStale);
  EXPECT_EQ(now() - found->proven, 90s);
  EXPECT_EQ(found->from_file, "/snapshots/" + detail::snapshot_file_name(kUrl, kStoredOrders));
  EXPECT_EQ(found->instances.size(), 1u);
}

TEST_F(ArchiveScenario, AClockThatWasSetBackMakesNothingYoungerThanNow) {
  const SnapshotPtr found = restored(archived(-1h));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->proven, now());
}

TEST_F(ArchiveScenario, WhatDoesNotFitIsNotServed) {
  EXPECT_FALSE(restored(fail(Errc::kNotFound, "open")));
  EXPECT_FALSE(restored(fail(Errc::kDataLoss, "damaged")));
  EXPECT_FALSE(restored(archived(25h)));
  EXPECT_FALSE(restored(archived(1s, {"orders", "v2"})));
  EXPECT_FALSE(restored(archived(1s, kStoredOrders, "etcd://a:1?prefix=/other")));
  EXPECT_TRUE(restored(archived(24h)));
}

TEST_F(ArchiveScenario, ASkippedFileIsNamedWithTheReasonAndWhatIsNext) {
  std::string said;
  set_log_sink([&](LogLevel, std::string_view, std::string_view line) { said += line; });
  restored(archived(1s, {"orders", "v2"}));
  set_log_sink(nullptr);
  EXPECT_NE(said.find("file=/snapshots/orders-v1-"), std::string::npos) << said;
  EXPECT_NE(said.find("of orders/v2, not of what orders/v1 asks"), std::string::npos) << said;
  EXPECT_NE(said.find("next=\"wait for the registry\""), std::string::npos) << said;
}

/// The resolver, a registry that a test scripts, and an archive that a test scripts.
struct ColdStart : ScenarioTest {
  Probe<Registry> registry = probe<Registry>("registry");
  Probe<SnapshotArchive> archive = probe<SnapshotArchive>("archive");
  Probe<Subscriber> subscriber = probe<Subscriber>("subscriber");
  Probe<Resolver> asker = probe<Resolver>("asker");
  std::shared_ptr<Registries> registries = std::make_shared<Registries>(system());
  Resolver resolver;

  ColdStart() { registries->adopt(kUrl, registry.handle()); }
  ~ColdStart() override { stop(resolver); }

  void begin() {
    resolver = spawn_resolver(system(), registries, {}, archive.handle());
    asker.tell(resolver, Subscribe{kUrl, kStoredOrders, subscriber.handle()});
    asker.expect<Subscribed>();
  }
  void begin_without_registry() {
    begin();
    registry.expect<ListRecords>().fail(Errc::kUnavailable, "connection refused");
    while (registry.has<ListRecords>())
      registry.expect<ListRecords>().fail(Errc::kUnavailable, "connection refused");
    advance(1s);
  }
  SnapshotPtr on_disk() {
    auto result = std::make_shared<Snapshot>();
    result->query = kStoredOrders;
    result->revision = 70;
    result->status = SnapshotStatus::kStale;
    result->instances = {stored_instance("old")};
    result->proven = now() - 1h;
    result->from_file = "/snapshots/file";
    return result;
  }
  DiscoveryEventPtr take() { return subscriber.expect<SnapshotReady>()->take(); }
  void answer_lists(std::vector<Record> records) {
    advance(3s);
    registry.expect<ListRecords>().fail(Errc::kUnavailable, "connection refused");
    advance(3s);
    registry.expect<ListRecords>().reply(RecordsListed{3, 1, std::move(records)});
  }
};

TEST_F(ColdStart, WithoutTheRegistryTheDiskIsServedAsStale) {
  begin_without_registry();
  subscriber.expect_nothing();
  auto wish = archive.expect<RestoreSnapshot>();
  EXPECT_EQ(wish->registry, kUrl);
  EXPECT_EQ(wish->query, kStoredOrders);
  wish.reply(SnapshotRestored{on_disk()});
  const auto event = take();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, DiscoveryEvent::Type::kStale);
  EXPECT_EQ(event->change.added.size(), 1u);
  EXPECT_EQ(event->snapshot->cause.message(), "connection refused");
  EXPECT_EQ(event->snapshot->from_file, "/snapshots/file");
  subscriber.expect_nothing();
}

TEST_F(ColdStart, TheRegistryReplacesWhatTheDiskSaid) {
  begin_without_registry();
  archive.expect<RestoreSnapshot>().reply(SnapshotRestored{on_disk()});
  take();
  answer_lists({{"orders/v1/new", stored_instance("new"), 3}});
  const auto event = take();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, DiscoveryEvent::Type::kLive);
  ASSERT_EQ(event->snapshot->instances.size(), 1u);
  EXPECT_EQ(event->snapshot->instances[0]->instance_id, "new");
  EXPECT_EQ(event->snapshot->from_file, "");
  EXPECT_EQ(archive.expect<KeepSnapshot>()->snapshot->instances, event->snapshot->instances);
}

TEST_F(ColdStart, ARegistryWithNothingReplacesItToo) {
  begin_without_registry();
  archive.expect<RestoreSnapshot>().reply(SnapshotRestored{on_disk()});
  take();
  advance(3s);
  registry.expect<ListRecords>().fail(Errc::kUnavailable, "connection refused");
  advance(3s);
  registry.expect<ListRecords>().reply(RecordsListed{0, 1, {}});
  const auto event = take();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->snapshot->status, SnapshotStatus::kLive);
  EXPECT_TRUE(event->snapshot->instances.empty());
}

TEST_F(ColdStart, NothingOnDiskIsToldAsItIs) {
  begin_without_registry();
  archive.expect<RestoreSnapshot>().reply(SnapshotRestored{});
  const auto event = take();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, DiscoveryEvent::Type::kStale);
  EXPECT_TRUE(event->snapshot->instances.empty());
}

TEST_F(ColdStart, ADiskThatHangsDelaysTheNewsByThreeSecondsOnly) {
  begin_without_registry();
  archive.expect<RestoreSnapshot>();
  advance(3s);
  const auto event = take();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, DiscoveryEvent::Type::kStale);
}

TEST_F(ColdStart, ARegistryThatAnswersIsNotSecondedByTheDisk) {
  begin();
  registry.expect<ListRecords>().reply(RecordsListed{3, 1, {}});
  auto wish = registry.expect<WatchRecords>();
  wish.reply(WatchStarted{wish->watch, 3, 1});
  EXPECT_EQ(archive.expect<KeepSnapshot>()->snapshot->revision, 3u);
  tell(wish->watcher, WatchBroken{wish->watch, {Errc::kUnavailable, "gone"}});
  advance(1s);
  EXPECT_EQ(archive.expect<KeepSnapshot>()->snapshot->status, SnapshotStatus::kStale);
  archive.expect_nothing();
}

TEST_F(ColdStart, WhoeverLeavesReleasesTheFile) {
  begin();
  registry.expect<ListRecords>().reply(RecordsListed{3, 1, {}});
  archive.expect<KeepSnapshot>();
  tell(resolver, Unsubscribe{kUrl, kStoredOrders, subscriber.handle()});
  EXPECT_EQ(archive.expect<ReleaseSnapshot>()->query, kStoredOrders);
}

}  // namespace
}  // namespace brontes
