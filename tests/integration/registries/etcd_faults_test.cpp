// What happens to a real etcd and to what stands in it, and what becomes of announcements and
// subscriptions meanwhile: nothing is lost.
#include <brontes/discovery/registries/registries.hpp>
#include <brontes/discovery/selector.hpp>
#include <sstream>

#include "discovery_diary.hpp"
#include "etcd_cluster.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;
using Type = AnnouncementEvent::Type;

std::string hex(std::int64_t lease) {
  std::ostringstream text;
  text << std::hex << lease;
  return text.str();
}

struct EtcdFaults : ::testing::Test {
  void SetUp() override {
    NEEDS_ETCD();
    begin(1);
  }
  void begin(std::size_t size) {
    etcd = std::make_unique<EtcdCluster>(size);
    discovery.emplace(system, DiscoveryOptions{etcd->url("/p"), {}, {}});
  }
  std::string value(const std::string& key) {
    return etcd->ctl({"get", "--print-value-only", "/p/" + key});
  }

  System system{{.threads = 2}};
  std::unique_ptr<EtcdCluster> etcd;
  std::optional<Discovery> discovery;
};

TEST_F(EtcdFaults, ARecordStandsWhereHephfxLooksForItUntilItIsWithdrawn) {
  Announced mine(*discovery, instance("a", "svc", "v1"));
  const auto registered = mine.expect(Type::kRegistered);
  EXPECT_EQ(registered.key, "svc/v1/a");
  EXPECT_EQ(value("svc/v1/a"), to_json(registered.instance) + "\n");
  EXPECT_NE(etcd->ctl({"lease", "timetolive", hex(registered.lease), "--keys"}).find("/p/svc/v1/a"),
            std::string::npos);
  Subscribed theirs(*discovery);
  theirs.wait_for({"a"});
  EXPECT_TRUE(mine->withdraw().get().ok());
  theirs.wait_for(std::vector<std::string>{});
  EXPECT_EQ(etcd->ctl({"get", "--prefix", "/p/svc"}), "");
  EXPECT_EQ(etcd->ctl({"lease", "list"}).find(hex(registered.lease)), std::string::npos);
}

TEST_F(EtcdFaults, ARevokedLeaseIsGrantedAnewAndTheRecordPutAgain) {
  Announced mine(*discovery, instance("a"));
  const auto before = mine.expect(Type::kRegistered);
  etcd->ctl({"lease", "revoke", hex(before.lease)});
  mine.expect(Type::kLost);
  const auto after = mine.expect(Type::kReregistered);
  EXPECT_NE(after.lease, before.lease);
  EXPECT_EQ(after.key, before.key);
  EXPECT_EQ(value("svc/a"), to_json(before.instance) + "\n");
}

TEST_F(EtcdFaults, ADeletedKeyIsPutBackUnderTheSameLease) {
  Announced mine(*discovery, instance("a"));
  const auto before = mine.expect(Type::kRegistered);
  etcd->ctl({"del", "/p/svc/a"});
  mine.expect(Type::kLost);
  EXPECT_EQ(mine.expect(Type::kReregistered).lease, before.lease);
}

TEST_F(EtcdFaults, AGarbledRecordIsPutRightAndNobodyLosesIt) {
  Announced mine(*discovery, instance("a"));
  const auto registered = mine.expect(Type::kRegistered);
  Subscribed theirs(*discovery);
  theirs.wait_for({"a"});
  Registries registries(system);
  RegistryClient reader(system, registries.open(etcd->url("/p"))->registry);
  ASSERT_TRUE(reader.watch({"svc", "", {}, {}, "a"}, reader.list({"svc"})->revision));
  etcd->ctl({"put", "/p/svc/a", "{\"weight"});
  etcd->ctl({"put", "/p/svc/ghost", "{\"weight"});
  Announced other(*discovery, instance("b"));
  theirs.wait_for({"a", "b"});
  const auto events = reader.events(2);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].record.instance, nullptr);
  EXPECT_EQ(*events[1].record.instance, registered.instance);
  EXPECT_EQ(theirs.removed(), std::set<std::string>{});
  const auto listed = discovery->list(Query{"svc"}, kHang);
  ASSERT_TRUE(listed) << listed.error();
  EXPECT_EQ((*listed)->instances.size(), 2u);
}

TEST_F(EtcdFaults, ARestartOfEtcdIsSurvivedByLeaseAndWatch) {
  Announced mine(*discovery, instance("a"));
  const auto registered = mine.expect(Type::kRegistered);
  Subscribed theirs(*discovery);
  theirs.wait_for({"a"});
  etcd->kill();
  EXPECT_FALSE(theirs.wait_for(SnapshotStatus::kStale)->cause.ok());
  etcd->start();
  theirs.wait_for(SnapshotStatus::kLive);
  Announced late(*discovery, instance("b"));
  EXPECT_EQ(late.expect(Type::kRegistered).lease, registered.lease);
  theirs.wait_for({"a", "b"});
  EXPECT_TRUE(mine.is_quiet());
  EXPECT_EQ(theirs.removed(), std::set<std::string>{});
}

TEST_F(EtcdFaults, AWipedEtcdGetsEverythingBackAndNobodyLosesAnInstance) {
  Announced mine(*discovery, instance("a"));
  mine.expect(Type::kRegistered);
  Announced also(*discovery, instance("b"));
  also.expect(Type::kRegistered);
  Subscribed theirs(*discovery);
  const auto before = theirs.wait_for({"a", "b"});
  etcd->wipe();
  mine.expect(Type::kLost);
  mine.expect(Type::kReregistered);
  also.expect(Type::kLost);
  also.expect(Type::kReregistered);
  const auto after = theirs.wait_until([&](const Snapshot& snapshot) {
    return snapshot.epoch > before->epoch && snapshot.held.empty();
  });
  EXPECT_EQ(after->instances.size(), 2u);
  EXPECT_EQ(theirs.removed(), std::set<std::string>{});
}

TEST_F(EtcdFaults, AnEtcdThatComesLaterIsFound) {
  etcd->kill();
  Announced mine(*discovery, instance("a"));
  Subscribed theirs(*discovery);
  theirs.wait_for(SnapshotStatus::kStale);
  const auto listed = discovery->list(Query{"svc"}, kHang);
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().code(), Errc::kUnavailable);
  etcd->start();
  mine.expect(Type::kRegistered);
  theirs.wait_for({"a"});
}

TEST_F(EtcdFaults, APausedEtcdIsToldAndNothingIsLost) {
  Announced mine(*discovery, instance("a"), 60s);
  mine.expect(Type::kRegistered);
  Subscribed theirs(*discovery);
  theirs.wait_for({"a"});
  etcd->pause();
  theirs.wait_for(SnapshotStatus::kStale);
  etcd->resume();
  theirs.wait_for({"a"});
  EXPECT_TRUE(mine.is_quiet());
}

struct ThreeMembers : EtcdFaults {
  void SetUp() override {
    NEEDS_ETCD();
    begin(3);
  }
};

TEST_F(ThreeMembers, TheDeathOfTheLeaderIsSurvivedByLeaseAndWatch) {
  Announced mine(*discovery, instance("a"), 5s);
  mine.expect(Type::kRegistered);
  Subscribed theirs(*discovery);
  theirs.wait_for({"a"});
  Discovery elsewhere(system, {etcd->url("/p"), {}, {}});
  Announced doomed(elsewhere, instance("doomed"), 5s);
  doomed.expect(Type::kRegistered);
  theirs.wait_for({"a", "doomed"});
  etcd->kill(etcd->leader());
  doomed->abandon();
  // It lapses with a lease of the same length: so this one would have, had it not been renewed.
  theirs.wait_for({"a"});
  EXPECT_EQ(theirs.removed(), std::set<std::string>{"doomed"});
  EXPECT_TRUE(mine.is_quiet());
}

TEST_F(ThreeMembers, WithoutAQuorumNothingIsLost) {
  Announced mine(*discovery, instance("a"), 5s);
  mine.expect(Type::kRegistered);
  Subscribed theirs(*discovery);
  theirs.wait_for({"a"});
  etcd->kill(0);
  etcd->kill(1);
  theirs.wait_for(SnapshotStatus::kStale);
  etcd->start(0, false);
  etcd->start(1, false);
  theirs.wait_for(SnapshotStatus::kLive);
  Announced late(*discovery, instance("b"), 5s);
  late.expect(Type::kRegistered);
  theirs.wait_for({"a", "b"});
  EXPECT_EQ(theirs.removed(), std::set<std::string>{});
  EXPECT_TRUE(mine.is_quiet());
}

TEST(EtcdAway, ASelectorSaysThatItKnowsNobodyYet) {
  System system;
  Discovery discovery(system, {.registry = "etcd://127.0.0.1:1"});
  const auto selector = Selector::open(discovery, "discovery:///svc", round_robin(), 1ms);
  ASSERT_TRUE(selector) << selector.error();
  EXPECT_EQ(selector->next().error().code(), Errc::kUnavailable);
}

}  // namespace
}  // namespace brontes::testing
