// The dns: registry against a real server, through c-ares.
#include <gtest/gtest.h>

#include <brontes/discovery/discovery_actors.hpp>
#include <brontes/discovery/registries/dns/dns_registry.hpp>
#include <nlohmann/json.hpp>

#include "child_process.hpp"
#include "discovery_diary.hpp"
#include "dns_server.hpp"
#include "registry_client.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;
using Manner = DnsServer::Manner;
using Texts = std::vector<std::string>;

struct Dns : ::testing::Test {
  std::string url(const std::string& suffix = "test:80") const {
    return "dns://" + suffix + "?server=" + server.address();
  }
  Expected<RecordsListed> ask(const Query& query = {"svc"}) {
    const auto open = registries.open(url());
    EXPECT_TRUE(open) << open.error();
    return RegistryClient(system, open->registry).list(query);
  }
  Texts addresses(const Query& query = {"svc"}) {
    const auto listed = ask(query);
    EXPECT_TRUE(listed) << listed.error();
    Texts result;
    if (listed)
      for (const Record& record : listed->records) result.push_back(record.instance->address);
    return result;
  }
  Status refusal() {
    const auto listed = ask();
    EXPECT_FALSE(listed);
    return listed ? Status() : listed.error();
  }
  void set_addresses(std::vector<DnsRecord> records, Manner manner = Manner::kPlain) {
    server.set("svc.test", 1, std::move(records), manner);
  }

  DnsServer server;
  System system{{.threads = 2}};
  Registries registries{system};
};

TEST_F(Dns, FindsAddressesUnderAName) {
  set_addresses({dns_a("svc.test", "10.0.0.1"), dns_a("svc.test", "10.0.0.2")});
  EXPECT_EQ(addresses(), (Texts{"10.0.0.1:80", "10.0.0.2:80"}));
}

TEST_F(Dns, FindsSrvRecordsAndTheirHosts) {
  server.set("_grpc._tcp.v1.svc.test", 33,
             {dns_srv("_grpc._tcp.v1.svc.test", 1, 5, 50051, "a.test"),
              dns_srv("_grpc._tcp.v1.svc.test", 2, 5, 50051, "spare.test")});
  server.set("a.test", 28, {dns_aaaa("a.test", "fd00::1")});
  EXPECT_EQ(addresses({"svc", "v1"}), Texts{"[fd00::1]:50051"});
}

TEST_F(Dns, ANameThatDoesNotExistHasNobody) { EXPECT_EQ(addresses({"nobody"}), Texts{}); }

TEST_F(Dns, AChangeIsSeenWithTheNextList) {
  set_addresses({dns_a("svc.test", "10.0.0.1")});
  EXPECT_EQ(addresses(), Texts{"10.0.0.1:80"});
  set_addresses({dns_a("svc.test", "10.0.0.2")});
  EXPECT_EQ(addresses(), Texts{"10.0.0.2:80"});
  server.clear();
  EXPECT_EQ(addresses(), Texts{});
}

TEST_F(Dns, WhatIsTooLongForUdpComesByTcp) {
  std::vector<DnsRecord> many;
  Texts wanted;
  for (int i = 1; i < 200; ++i) {
    many.push_back(dns_a("svc.test", ("10.0.0." + std::to_string(i)).c_str()));
    wanted.push_back("10.0.0." + std::to_string(i) + ":80");
  }
  set_addresses(std::move(many), Manner::kByTcp);
  EXPECT_EQ(addresses(), wanted);
  EXPECT_EQ(server.tcp_questions(), 1);
}

TEST_F(Dns, WhatNeverComesWholeIsUnavailable) {
  set_addresses({dns_a("svc.test", "10.0.0.1")}, Manner::kNeverWhole);
  EXPECT_EQ(refusal().code(), Errc::kUnavailable);
}

TEST_F(Dns, AServerThatSaysNothingIsUnavailable) {
  set_addresses({}, Manner::kSilent);
  const Status status = refusal();
  EXPECT_EQ(status.code(), Errc::kUnavailable);
  EXPECT_EQ(status.message().find("ask DNS for A of svc.test: "), 0u) << status;
  set_addresses({dns_a("svc.test", "10.0.0.1")});
  EXPECT_EQ(addresses(), Texts{"10.0.0.1:80"});
}

TEST_F(Dns, AServerThatFailsOrTalksNonsenseIsUnavailable) {
  set_addresses({}, Manner::kServfail);
  EXPECT_EQ(refusal().code(), Errc::kUnavailable);
  set_addresses({}, Manner::kGarbage);
  EXPECT_EQ(refusal().code(), Errc::kUnavailable);
}

TEST_F(Dns, AForgedReplyIsNotBelieved) {
  set_addresses({dns_a("svc.test", "10.0.0.1")}, Manner::kForged);
  EXPECT_EQ(addresses(), Texts{"10.0.0.1:80"});
}

TEST_F(Dns, ClosingItWithAQuestionOpenWaitsForNoServer) {
  set_addresses({}, Manner::kSilent);
  auto own = std::make_unique<Registries>(system);
  tell(own->open(url())->registry, ListRecords{{"svc"}});
  own.reset();  // and the System ends with the test
}

TEST_F(Dns, SubscribersSeeChangesWhenTheTtlIsOver) {
  DnsOptions options{"test", 80};
  options.servers = {server.address()};
  options.min_ttl = 20ms;
  Discovery discovery(system, {.registry = "dns://scripted"});
  const Registry registry = spawn_dns_registry(system, options);
  discovery.actors().registries->adopt("dns://scripted", registry, kDnsFeatures);
  set_addresses({dns_a("svc.test", "10.0.0.1", 0)});
  {
    Subscribed all(discovery);
    all.wait_for({"10.0.0.1:80"});
    set_addresses({dns_a("svc.test", "10.0.0.1", 0), dns_a("svc.test", "10.0.0.2", 0)});
    all.wait_for({"10.0.0.1:80", "10.0.0.2:80"});
    set_addresses({}, Manner::kServfail);
    EXPECT_EQ(all.wait_for(SnapshotStatus::kStale)->instances.size(), 2u);
    set_addresses({dns_a("svc.test", "10.0.0.2", 0)});
    all.wait_for({"10.0.0.2:80"});
  }
  stop(registry);
}

TEST_F(Dns, CommandsListItAndSayThatItCannotBeWritten) {
  set_addresses({dns_a("svc.test", "10.0.0.1")});
  ChildProcess list({BRONTES_COMMAND, "list", "svc", "--registry", url(), "--json"}, STDOUT_FILENO);
  EXPECT_EQ(list.wait(), 0);
  EXPECT_EQ(nlohmann::json::parse(list.output())["instances"][0]["address"], "10.0.0.1:80");
  ChildProcess record({BRONTES_COMMAND, "register", "--name", "svc", "--address", "127.0.0.1:80",
                       "--registry", url()});
  EXPECT_EQ(record.wait(), 2);
  EXPECT_NE(record.output().find("cannot be written"), std::string::npos) << record.output();
}

}  // namespace
}  // namespace brontes::testing
