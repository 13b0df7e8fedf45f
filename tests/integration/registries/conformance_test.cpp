// What every registry does, as whoever uses it sees it: over memory:, `brontes registry`, a real
// etcd and a real Consul.
#include <gtest/gtest.h>

#include <algorithm>

#include "backend.hpp"
#include "registry_client.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;

const Query kSvc{"svc"};

struct Conformance : ::testing::TestWithParam<std::string> {
  void SetUp() override {
    backend = make_backend(GetParam(), system);
    if (!backend) GTEST_SKIP() << why_no(GetParam());
    open = backend->registry();
    client = std::make_unique<RegistryClient>(system, open.registry);
  }
  LeaseId grant(std::chrono::seconds ttl = 60s) {
    const auto granted = client->grant(ttl);
    EXPECT_TRUE(granted) << granted.error();
    return granted ? granted->lease : LeaseId{};
  }
  std::uint64_t put(LeaseId lease, const Instance& what) {
    const auto done = client->put(lease, what);
    EXPECT_TRUE(done) << done.error();
    return done ? done->revision : 0;
  }
  Errc refused(LeaseId lease, const Instance& what) {
    const auto done = client->put(lease, what);
    return done ? Errc::kOk : done.error().code();
  }
  RecordsListed list(const Query& query = kSvc) {
    auto listed = client->list(query);
    EXPECT_TRUE(listed) << listed.error();
    return listed ? std::move(*listed) : RecordsListed{};
  }
  std::vector<std::string> keys(const Query& query = kSvc) {
    std::vector<std::string> result;
    for (const Record& record : list(query).records) result.push_back(record.key);
    return result;
  }
  void watch(const Query& query, std::uint64_t after) {
    const auto started = client->watch(query, after);
    ASSERT_TRUE(started) << started.error();
    EXPECT_GE(started->revision, after);
  }

  System system{{.threads = 2}};
  std::unique_ptr<Backend> backend;
  OpenRegistry open;
  std::unique_ptr<RegistryClient> client;
};

using Keys = std::vector<std::string>;

TEST_P(Conformance, ALeaseIsGrantedAndRenewed) {
  const auto granted = client->grant(30s);
  ASSERT_TRUE(granted) << granted.error();
  EXPECT_NE(granted->lease, LeaseId{});
  EXPECT_EQ(granted->ttl, 30s);
  const auto renewed = client->renew(granted->lease);
  ASSERT_TRUE(renewed) << renewed.error();
  EXPECT_EQ(renewed->lease, granted->lease);
  EXPECT_EQ(renewed->ttl, 30s);
}

TEST_P(Conformance, ATtlBelowOneSecondIsRefused) {
  const auto granted = client->grant(0s);
  ASSERT_FALSE(granted);
  EXPECT_EQ(granted.error().code(), Errc::kInvalidArgument);
}

TEST_P(Conformance, ALeaseThatIsGoneIsNotFound) {
  const LeaseId lease = grant();
  put(lease, instance("a"));
  backend->expire(lease, {"a"});
  EXPECT_EQ(keys(), Keys{});
  EXPECT_EQ(client->renew(lease).error().code(), Errc::kNotFound);
  EXPECT_EQ(refused(lease, instance("a")), Errc::kNotFound);
  EXPECT_TRUE(client->revoke(lease));
  EXPECT_TRUE(client->remove(lease, "svc/a"));
}

TEST_P(Conformance, ALeaseLapsesWithItsRecordsUnlessRenewed) {
  const LeaseId kept = grant();
  put(kept, instance("kept"));
  const LeaseId lease = grant(2s);
  const auto revision = put(lease, instance("a"));
  watch(kSvc, revision);
  const auto events = client->events(1);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, RecordEvent::Type::kRemoved);
  EXPECT_EQ(events[0].record.key, "svc/a");
  EXPECT_EQ(keys(), Keys{"svc/kept"});
}

TEST_P(Conformance, QueriesFindWhatTheyName) {
  const LeaseId lease = grant();
  for (const auto& [id, name, version] :
       {std::tuple{"a", "svc", ""}, {"b", "svc", "v1"}, {"c", "svc", "v2"}, {"d", "svc2", "v1"}})
    put(lease, instance(id, name, version));
  EXPECT_EQ(keys({"svc"}), (Keys{"svc/a", "svc/v1/b", "svc/v2/c"}));
  EXPECT_EQ(keys({"svc", "v1"}), Keys{"svc/v1/b"});
  EXPECT_EQ(keys({"svc", "v1", {}, {}, "b"}), Keys{"svc/v1/b"});
  EXPECT_EQ(keys({"svc", "", {}, {}, "a"}), Keys{"svc/a"});
  EXPECT_EQ(keys({"svc", "v1", {}, {}, "c"}), Keys{});
  EXPECT_EQ(keys({"sv"}), Keys{});
  EXPECT_EQ(keys({}), (Keys{"svc/a", "svc/v1/b", "svc/v2/c", "svc2/v1/d"}));
}

TEST_P(Conformance, ARecordComesBackAsItWasPut) {
  Instance whole = instance("a", "svc", "v1");
  whole.network = "udp";
  whole.naming_address = "svc.local";
  whole.weight = 7;
  whole.protocol = "HTTP";
  whole.healthy = false;
  whole.created = "2024-01-01 00:00:00";
  whole.metadata["text"] = "a<b>&c \"\\ \xc3\xa9 \x01";
  whole.metadata["json"] = {};
  whole.metadata["json"].text = "{\"a\":[1,2.5,null]}";
  whole.metadata["json"].is_json = true;
  whole.tags["zone"] = "a b";
  const auto revision = put(grant(), whole);
  const RecordsListed listed = list();
  ASSERT_EQ(listed.records.size(), 1u);
  EXPECT_EQ(*listed.records[0].instance, whole);
  EXPECT_EQ(listed.records[0].revision, revision);
  EXPECT_GE(listed.revision, revision);
}

TEST_P(Conformance, ARecordThatCannotBeIsNotWritten) {
  const LeaseId lease = grant();
  EXPECT_EQ(refused(lease, instance("a/b")), Errc::kInvalidArgument);
  EXPECT_EQ(refused(lease, instance("a", "s vc")), Errc::kInvalidArgument);
  Instance nowhere = instance("a");
  nowhere.address = "host";
  EXPECT_EQ(refused(lease, nowhere), Errc::kInvalidArgument);
  EXPECT_EQ(keys({}), Keys{});
}

TEST_P(Conformance, ThePutOfTheSameIsNoChange) {
  const LeaseId lease = grant();
  const auto first = put(lease, instance("a"));
  EXPECT_GE(put(lease, instance("a")), first);
  EXPECT_EQ(list().records[0].revision, first);
  Instance other = instance("a");
  other.weight = 5;
  EXPECT_GT(put(lease, other), first);
  EXPECT_EQ(list().records[0].instance->weight, 5u);
}

TEST_P(Conformance, ThePutOfTheSameSaysFromWhereToWatchOn) {
  const LeaseId lease = grant();
  put(lease, instance("a"));
  put(lease, instance("b"));
  backend->compact();
  watch({"svc", "", {}, {}, "a"}, put(lease, instance("a")));
  put(lease, instance("b"));
  EXPECT_TRUE(client->remove(lease, "svc/a"));
  const auto events = client->events(1);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, RecordEvent::Type::kRemoved);
}

TEST_P(Conformance, AnOlderIncarnationNeverOverwritesANewerOne) {
  put(grant(), instance("a", "svc", "", 5));
  EXPECT_EQ(refused(grant(), instance("a", "svc", "", 4)), Errc::kAlreadyExists);
  const LeaseId newest = grant();
  put(newest, instance("a", "svc", "", 6));
  EXPECT_EQ(incarnation(*list().records[0].instance), 6u);
}

TEST_P(Conformance, OnlyWhatIsUnderThatLeaseIsRemoved) {
  const LeaseId old = grant(), young = grant();
  put(old, instance("a", "svc", "", 1));
  put(young, instance("a", "svc", "", 2));
  EXPECT_TRUE(client->remove(old, "svc/a"));
  EXPECT_TRUE(client->revoke(old));
  EXPECT_EQ(keys(), Keys{"svc/a"});
  EXPECT_TRUE(client->remove(young, "svc/a"));
  EXPECT_TRUE(client->remove(young, "svc/a"));
  EXPECT_EQ(keys(), Keys{});
}

TEST_P(Conformance, ALeaseEndsInOneRevisionWhereThatIsPromised) {
  const LeaseId lease = grant();
  put(lease, instance("a"));
  watch(kSvc, put(lease, instance("b")));
  EXPECT_TRUE(client->revoke(lease));
  const auto events = client->events(2);
  ASSERT_EQ(events.size(), 2u);
  for (const RecordEvent& event : events) EXPECT_EQ(event.type, RecordEvent::Type::kRemoved);
  if (open.features.leases_end_at_once) {
    EXPECT_EQ(events[0].record.revision, events[1].record.revision);
  }
}

TEST_P(Conformance, AWatchHearsWhatCameAfterItsRevision) {
  const LeaseId lease = grant();
  const auto first = put(lease, instance("a"));
  put(lease, instance("b"));
  watch(kSvc, first);
  Instance drained = instance("a");
  drained.healthy = false;
  put(lease, drained);
  client->remove(lease, "svc/a");
  const auto events = client->events(3);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].record.key, "svc/b");
  EXPECT_EQ(*events[1].record.instance, drained);
  EXPECT_EQ(events[2].type, RecordEvent::Type::kRemoved);
  EXPECT_EQ(client->violations(), Keys{});
}

TEST_P(Conformance, AWatchHearsItsQueryOnly) {
  const LeaseId lease = grant();
  watch({"svc", "v1"}, list().revision);
  put(lease, instance("a", "svc2", "v1"));
  put(lease, instance("b", "svc", "v2"));
  put(lease, instance("c", "svc", "v10"));
  put(lease, instance("d", "svc", "v1"));
  const auto events = client->events(1);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].record.key, "svc/v1/d");
}

TEST_P(Conformance, AStoppedWatchResumesWithoutGapOrRepetition) {
  const LeaseId lease = grant();
  watch(kSvc, list().revision);
  put(lease, instance("a"));
  ASSERT_EQ(client->events(1).size(), 1u);
  client->stop_watching();
  put(lease, instance("b"));
  client->remove(lease, "svc/a");
  ASSERT_TRUE(client->resume(kSvc));
  const auto events = client->events(2);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].record.key, "svc/b");
  EXPECT_EQ(events[1].record.key, "svc/a");
}

TEST_P(Conformance, AWatchOfForgottenHistoryIsOutOfRange) {
  const LeaseId lease = grant();
  const auto first = put(lease, instance("a"));
  // The very next change is lost with the history: the watch must not go on as if nothing was.
  client->remove(lease, "svc/a");
  backend->compact();
  const auto started = client->watch(kSvc, first);
  EXPECT_EQ((started ? client->why_broken() : started.error()).code(), Errc::kOutOfRange);
  watch(kSvc, list().revision);
  put(lease, instance("b"));
  EXPECT_EQ(client->events(1).size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Over, Conformance, ::testing::Values("memory", "served", "etcd", "consul"),
                         [](const auto& kind) { return kind.param; });

}  // namespace
}  // namespace brontes::testing
