// What happens to a real agent of Consul and to what is registered there, and what becomes of
// announcements and subscriptions meanwhile: nothing is lost.
#include <brontes/discovery/registries/registries.hpp>
#include <nlohmann/json.hpp>

#include "consul_agent.hpp"
#include "discovery_diary.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using Type = AnnouncementEvent::Type;

struct ConsulFaults : ::testing::Test {
  void SetUp() override {
    NEEDS_CONSUL();
    begin({});
  }
  void begin(const ConsulFlags& flags) {
    consul = std::make_unique<ConsulAgent>(flags);
    discovery.emplace(system, DiscoveryOptions{consul->url("/p"), {}, {}});
  }
  Json get(const std::string& path) { return Json::parse(consul->http("GET", path)); }

  System system{{.threads = 2}};
  std::unique_ptr<ConsulAgent> consul;
  std::optional<Discovery> discovery;
};

TEST_F(ConsulFaults, ARecordStandsWhereHephfxLooksForItUntilItIsWithdrawn) {
  Announced mine(*discovery, instance("a", "svc", "v1"));
  const auto registered = mine.expect(Type::kRegistered);
  EXPECT_EQ(registered.key, "svc/v1/a");
  const Json found = get("/v1/health/service/svc?passing=1&tag=version%3Av1");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0]["Service"]["ID"], "a");
  EXPECT_EQ(found[0]["Service"]["Tags"][0], "prefix:p");
  EXPECT_EQ(found[0]["Service"]["Address"], "127.0.0.1");
  EXPECT_EQ(found[0]["Service"]["Port"], 80);
  EXPECT_EQ(get("/v1/agent/checks")["service:a"]["Status"], "passing");
  EXPECT_EQ(get("/v1/health/service/svc?passing=1&tag=version%3Av2").size(), 0u);
  Subscribed theirs(*discovery);
  theirs.wait_for({"a"});
  EXPECT_TRUE(mine->withdraw().get().ok());
  theirs.wait_for(std::vector<std::string>{});
  EXPECT_EQ(get("/v1/agent/services").size(), 0u);
  EXPECT_EQ(get("/v1/agent/checks").size(), 0u);
}

TEST_F(ConsulFaults, WhatHephfxRegistersIsFound) {
  Subscribed theirs(*discovery);
  theirs.wait_for(std::vector<std::string>{});
  consul->http("PUT", "/v1/agent/service/register",
               R"({"ID":"g","Name":"svc","Tags":["prefix:p","version:v1","protocol:GRPC",)"
               R"("instance_id:g","network:tcp","weight:7"],"Port":8080,"Address":"10.0.0.7",)"
               R"("Check":{"CheckID":"service:g","Name":"svc TTL check","TTL":"10s",)"
               R"("DeregisterCriticalServiceAfter":"1m"},"Checks":null})");
  consul->http("PUT", "/v1/agent/check/update/service:g",
               R"({"Status":"passing","Output":"healthy"})");
  const auto snapshot = theirs.wait_for({"g"});
  EXPECT_EQ(snapshot->instances[0]->address, "10.0.0.7:8080");
  EXPECT_EQ(snapshot->instances[0]->weight, 7u);
  consul->http("PUT", "/v1/agent/check/deregister/service:g");
  consul->http("PUT", "/v1/agent/service/deregister/g");
  theirs.wait_for(std::vector<std::string>{});
}

TEST_F(ConsulFaults, ADeregisteredServiceIsPutBackUnderTheSameLease) {
  Announced mine(*discovery, instance("a"));
  const auto before = mine.expect(Type::kRegistered);
  consul->http("PUT", "/v1/agent/service/deregister/a");
  mine.expect(Type::kLost);
  EXPECT_EQ(mine.expect(Type::kReregistered).lease, before.lease);
  EXPECT_EQ(get("/v1/health/service/svc?passing=1").size(), 1u);
}

TEST_F(ConsulFaults, AnOverwrittenServiceIsPutRight) {
  Announced mine(*discovery, instance("a"));
  const auto registered = mine.expect(Type::kRegistered);
  Registries registries(system);
  RegistryClient reader(system, registries.open(consul->url("/p"))->registry);
  ASSERT_TRUE(reader.watch({"svc"}, reader.list({"svc"})->revision));
  consul->http("PUT", "/v1/agent/service/register",
               R"({"ID":"a","Name":"svc","Tags":["prefix:p","instance_id:a"],)"
               R"("Address":"6.6.6.6","Port":666})");
  const auto back = [&](Seen& seen) {
    return seen.events.size() > 1 && *seen.view.at("svc/a") == registered.instance;
  };
  EXPECT_TRUE(reader.wait_until(back));
  EXPECT_EQ(reader.events(2).at(0).record.instance->address, "6.6.6.6:666");
  EXPECT_EQ(get("/v1/health/service/svc?passing=1").size(), 1u);
}

TEST_F(ConsulFaults, ACheckThatSomebodyFailsIsBeatenAtOnce) {
  Announced mine(*discovery, instance("a"));
  mine.expect(Type::kRegistered);
  consul->http("PUT", "/v1/agent/check/fail/service:a?note=by-hand");
  mine.expect(Type::kLost);
  mine.expect(Type::kReregistered);
  EXPECT_EQ(get("/v1/health/service/svc?passing=1").size(), 1u);
}

TEST_F(ConsulFaults, MaintenanceDrainsAnInstance) {
  Announced mine(*discovery, instance("a"));
  mine.expect(Type::kRegistered);
  Subscribed theirs(*discovery);
  theirs.wait_for({"a"});
  consul->http("PUT", "/v1/agent/service/maintenance/a?enable=true");
  theirs.wait_until([](const Snapshot& snapshot) {
    return snapshot.instances.size() == 1 && !snapshot.instances[0]->healthy;
  });
  consul->http("PUT", "/v1/agent/service/maintenance/a?enable=false");
  theirs.wait_until([](const Snapshot& snapshot) {
    return snapshot.instances.size() == 1 && snapshot.instances[0]->healthy;
  });
  EXPECT_EQ(theirs.removed(), std::set<std::string>{});
}

TEST_F(ConsulFaults, AnAgentThatForgotEverythingGetsItBackAndNobodyLosesAnInstance) {
  Announced mine(*discovery, instance("a"));
  mine.expect(Type::kRegistered);
  Announced also(*discovery, instance("b"));
  also.expect(Type::kRegistered);
  Subscribed theirs(*discovery);
  theirs.wait_for({"a", "b"});
  consul->kill();
  theirs.wait_for(SnapshotStatus::kStale);
  consul->start();  // without data
  theirs.wait_for({"a", "b"});
  // The subscriber still has what was there before; the agent gets one after the other.
  const auto passing = [this] { return get("/v1/health/service/svc?passing=1").size(); };
  for (int tries = 0; tries < 1000 && passing() != 2; ++tries) {
  }
  EXPECT_EQ(passing(), 2u);
  EXPECT_EQ(theirs.removed(), std::set<std::string>{});
}

TEST_F(ConsulFaults, ARestartOfAnAgentThatKeepsItsDataIsSurvivedByLeaseAndWatch) {
  begin({.kept = true});
  Announced mine(*discovery, instance("a"), 60s);
  const auto registered = mine.expect(Type::kRegistered);
  Subscribed theirs(*discovery);
  theirs.wait_for({"a"});
  consul->kill();
  EXPECT_FALSE(theirs.wait_for(SnapshotStatus::kStale)->cause.ok());
  consul->start();
  theirs.wait_for({"a"});
  Announced late(*discovery, instance("b"), 60s);
  EXPECT_EQ(late.expect(Type::kRegistered).lease, registered.lease);
  theirs.wait_for({"a", "b"});
  EXPECT_EQ(theirs.removed(), std::set<std::string>{});
}

TEST_F(ConsulFaults, AConsulThatComesLaterIsFound) {
  consul->kill();
  Announced mine(*discovery, instance("a"));
  Subscribed theirs(*discovery);
  theirs.wait_for(SnapshotStatus::kStale);
  const auto listed = discovery->list(Query{"svc"}, kHang);
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().code(), Errc::kUnavailable);
  consul->start();
  mine.expect(Type::kRegistered);
  theirs.wait_for({"a"});
}

TEST_F(ConsulFaults, APausedAgentLosesNothing) {
  Announced mine(*discovery, instance("a"), 60s);
  mine.expect(Type::kRegistered);
  Subscribed theirs(*discovery);
  theirs.wait_for({"a"});
  consul->pause();
  Announced late(*discovery, instance("b"), 60s);
  // It stops soon, not at once.
  bool answers = true;
  for (int i = 0; i < 1000 && answers; ++i) answers = bool(discovery->list(Query{"svc"}, kHang));
  EXPECT_FALSE(answers);
  consul->resume();
  late.expect(Type::kRegistered);
  theirs.wait_for({"a", "b"});
  EXPECT_TRUE(mine.is_quiet());
  EXPECT_EQ(theirs.removed(), std::set<std::string>{});
}

TEST_F(ConsulFaults, WhoeverCrashesIsGoneAfterItsTtlAndNobodyElse) {
  Announced mine(*discovery, instance("a"), 2s);
  mine.expect(Type::kRegistered);
  Discovery elsewhere(system, {consul->url("/p"), {}, {}});
  Announced doomed(elsewhere, instance("doomed"), 2s);
  doomed.expect(Type::kRegistered);
  Subscribed theirs(*discovery);
  theirs.wait_for({"a", "doomed"});
  doomed->abandon();
  theirs.wait_for({"a"});
  EXPECT_EQ(theirs.removed(), std::set<std::string>{"doomed"});
  EXPECT_TRUE(mine.is_quiet());
}

}  // namespace
}  // namespace brontes::testing
