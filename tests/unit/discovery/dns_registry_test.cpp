// The dns: registry's actor over a wire that a test scripts.
#include <brontes/actors/testkit/gtest.hpp>
#include <brontes/discovery/registries/dns/detail/wire.hpp>
#include <brontes/discovery/registries/registries.hpp>
#include <brontes/discovery/watch_loop.hpp>
#include <deque>

#include "dns_message.hpp"

namespace brontes::dns {
namespace {

using namespace std::chrono_literals;
using namespace brontes::testing;

class ScriptedServers final : public Wire {
 public:
  struct Asked {
    Question question;
    Ear ear;
    void answer(std::vector<DnsRecord> records) const {
      ear({{},
           to_message(
               {1, question.name, static_cast<unsigned>(question.type), std::move(records)})});
    }
    void fail(Errc code) const { ear({{code, "said the script"}}); }
  };
  void ask(Question question, Ear ear) override {
    asked.push_back({std::move(question), std::move(ear)});
  }
  std::deque<Asked> asked;
};

struct DnsScenario : ScenarioTest {
  std::shared_ptr<ScriptedServers> servers = std::make_shared<ScriptedServers>();
  Registry registry = spawn_registry(system(), {"test", 80}, servers);
  Probe<Registry> asker = probe<Registry>("asker");

  ~DnsScenario() override { stop(registry); }

  ScriptedServers::Asked next(const std::string& name, RecordType type) {
    run();
    if (servers->asked.empty()) {
      ADD_FAILURE() << "nothing was asked, " << name << " is expected";
      return {{}, [](const Reply&) {}};
    }
    auto asked = std::move(servers->asked.front());
    servers->asked.pop_front();
    EXPECT_EQ(asked.question, (Question{name, type}));
    return asked;
  }
  /// One look at svc, from the first question on.
  void look_finds(std::vector<DnsRecord> addresses) {
    next("_grpc._tcp.svc.test", RecordType::kSrv).fail(Errc::kNotFound);
    auto last = next("svc.test", RecordType::kA);
    addresses.empty() ? last.fail(Errc::kNotFound) : last.answer(std::move(addresses));
    if (addresses.empty()) run();
  }
  RecordsListed listed() { return *asker.expect<RecordsListed>(); }
  Status refusal() { return *asker.expect<Status>(); }
};

TEST_F(DnsScenario, ListsWhatTheServersSay) {
  asker.tell(registry, ListRecords{{"svc"}});
  look_finds({dns_a("svc.test", "10.0.0.1", 30)});
  const RecordsListed list = listed();
  ASSERT_EQ(list.records.size(), 1u);
  EXPECT_EQ(list.records[0].key, "svc/10.0.0.1:80");
  EXPECT_EQ(list.good_for, 30s);
}

TEST_F(DnsScenario, AListIsGoodForItsTtlWithinBounds) {
  for (const auto& [ttl, good] : {std::pair{0u, 5s}, {4u, 5s}, {30u, 30s}, {86'400u, 60s}}) {
    asker.tell(registry, ListRecords{{"svc"}});
    look_finds({dns_a("svc.test", "10.0.0.1", ttl)});
    EXPECT_EQ(listed().good_for, Duration(good)) << ttl;
  }
}

TEST_F(DnsScenario, WhoeverAsksTheSameMeanwhileSharesTheLook) {
  asker.tell(registry, ListRecords{{"svc"}});
  asker.tell(registry, ListRecords{{"svc", "", {}, {}, "10.0.0.2:80"}});
  look_finds({dns_a("svc.test", "10.0.0.1"), dns_a("svc.test", "10.0.0.2")});
  EXPECT_EQ(listed().records.size(), 2u);
  EXPECT_EQ(listed().records.size(), 1u);
  EXPECT_TRUE(servers->asked.empty());
}

TEST_F(DnsScenario, WhatFailsIsAnErrorWithTheQuestionInIt) {
  asker.tell(registry, ListRecords{{"svc"}});
  next("_grpc._tcp.svc.test", RecordType::kSrv).fail(Errc::kUnavailable);
  const Status status = refusal();
  EXPECT_EQ(status.code(), Errc::kUnavailable);
  EXPECT_EQ(status.message(), "ask DNS for SRV of _grpc._tcp.svc.test: said the script");
}

TEST_F(DnsScenario, WhatItCannotDoItSays) {
  asker.tell(registry, GrantLease{});
  EXPECT_NE(refusal().message().find("announce at etcd://"), std::string::npos);
  asker.tell(registry, PutRecord{});
  EXPECT_EQ(refusal().code(), Errc::kUnimplemented);
  asker.tell(registry, RenewLease{});
  EXPECT_EQ(refusal().code(), Errc::kUnimplemented);
  asker.tell(registry, WatchRecords{});
  EXPECT_EQ(refusal().code(), Errc::kUnimplemented);
  asker.tell(registry, ListRecords{});
  EXPECT_EQ(refusal().code(), Errc::kUnimplemented);
  EXPECT_TRUE(servers->asked.empty());
}

TEST_F(DnsScenario, ANameThatCannotBeIsNotAsked) {
  asker.tell(registry, ListRecords{{"a..b"}});
  EXPECT_EQ(refusal().code(), Errc::kInvalidArgument);
  EXPECT_TRUE(servers->asked.empty());
}

TEST_F(DnsScenario, AnEndWithQuestionsOpenIsQuiet) {
  asker.tell(registry, ListRecords{{"svc"}});
  const auto open = next("_grpc._tcp.svc.test", RecordType::kSrv);
  stop(registry);
  run();
  open.fail(Errc::kUnavailable);
  EXPECT_EQ(refusal().code(), Errc::kUnavailable);
}

TEST_F(DnsScenario, AWatchLoopAsksAgainWhenTheTtlIsOver) {
  Probe<SnapshotSink> sink = probe<SnapshotSink>("sink");
  const WatchLoop loop =
      spawn_watch_loop(system(), {"dns:", registry, kDnsFeatures, nullptr}, {"svc"}, sink.handle());
  look_finds({dns_a("svc.test", "10.0.0.1", 20)});
  EXPECT_EQ(sink.expect<SnapshotChanged>()->snapshot->instances.size(), 1u);
  advance(19s);
  EXPECT_TRUE(servers->asked.empty());
  advance(1s);
  look_finds({dns_a("svc.test", "10.0.0.1", 7), dns_a("svc.test", "10.0.0.2", 7)});
  const SnapshotPtr second = sink.expect<SnapshotChanged>()->snapshot;
  EXPECT_EQ(second->instances.size(), 2u);
  EXPECT_EQ(second->status, SnapshotStatus::kLive);
  advance(7s);
  for (int i = 0; i < 6; ++i) {  // the servers are away: soon again, and again
    next("_grpc._tcp.svc.test", RecordType::kSrv).fail(Errc::kUnavailable);
    advance(3s);
  }
  const SnapshotPtr stale = sink.expect<SnapshotChanged>()->snapshot;
  EXPECT_EQ(stale->status, SnapshotStatus::kStale);
  EXPECT_EQ(stale->instances.size(), 2u);
  stop(loop);
}

std::string read(const char* url) {
  const auto parsed = parse_registry_url(url);
  return parsed ? parsed->to_string() : "error";
}

TEST(DnsUrl, IsASuffixAndPerhapsAPort) {
  EXPECT_EQ(read("dns://Svc.Local:80"), "dns://svc.local:80");
  EXPECT_EQ(read("dns://svc.local."), "dns://svc.local");
  EXPECT_EQ(read("dns://.:80"), "dns://.:80");
  EXPECT_EQ(read("dns://svc?srv=&server=127.0.0.1:53"), "dns://svc?server=127.0.0.1:53&srv=");
  for (const char* bad : {"dns:", "dns://", "dns:svc", "dns://:80", "dns://a b", "dns://a..b",
                          "dns://a:0", "dns://a:http", "dns://a/b"})
    EXPECT_EQ(read(bad), "error") << bad;
}

TEST(DnsUrl, OptionsAreChecked) {
  EXPECT_TRUE(check_registry("dns://svc:80?server=127.0.0.1:53,[::1]:53&srv=_http._tcp").ok());
  for (const char* bad : {"dns://a?server=ns.local:53", "dns://a?server=127.0.0.1",
                          "dns://a?srv=a b", "dns://a?prefix=/p", "dns://a?server="})
    EXPECT_EQ(check_registry(bad).code(), Errc::kInvalidArgument) << bad;
}

}  // namespace
}  // namespace brontes::dns
