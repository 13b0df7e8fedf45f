// What DNS messages say, and which instances come of them: no sockets, no actors.
#include <gtest/gtest.h>

#include <brontes/discovery/registries/dns/detail/lookup.hpp>
#include <map>
#include <random>

#include "dns_message.hpp"

namespace brontes::dns {
namespace {

using namespace std::chrono_literals;
using namespace brontes::testing;

std::string message(RecordType type, std::vector<DnsRecord> answers) {
  return to_message({7, "svc.test", static_cast<unsigned>(type), std::move(answers)});
}
Errc error_of(std::string_view text, RecordType type) {
  const auto answer = decode(text, type);
  return answer ? Errc::kOk : answer.error().code();
}

TEST(DnsMessage, SaysAddressesThroughAliasesAndTheLeastTtlOfAll) {
  const auto answer = decode(message(RecordType::kA, {dns_alias("svc.test", "other.test", 20),
                                                      dns_a("other.test", "10.0.0.1", 90),
                                                      dns_a("other.test", "10.0.0.2", 80)}),
                             RecordType::kA);
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(answer->addresses, (std::vector<std::string>{"10.0.0.1", "10.0.0.2"}));
  EXPECT_EQ(answer->ttl, 20s);
}

TEST(DnsMessage, SaysIpv6Addresses) {
  const auto answer =
      decode(message(RecordType::kAaaa, {dns_aaaa("svc.test", "fd00::1", 9)}), RecordType::kAaaa);
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(answer->addresses, std::vector<std::string>{"fd00::1"});
  EXPECT_EQ(answer->ttl, 9s);
}

TEST(DnsMessage, SaysSrvRecords) {
  const auto answer =
      decode(message(RecordType::kSrv, {dns_srv("svc.test", 1, 2, 3, "Host.Test", 40),
                                        dns_srv("svc.test", 4, 0, 6, "", 30)}),
             RecordType::kSrv);
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(answer->srv, (std::vector<SrvRecord>{{"host.test", 3, 1, 2}, {"", 6, 4, 0}}));
  EXPECT_EQ(answer->ttl, 30s);
}

TEST(DnsMessage, WithoutTheTypeAskedForSaysThatNothingIsThere) {
  EXPECT_EQ(error_of(message(RecordType::kA, {}), RecordType::kA), Errc::kNotFound);
  EXPECT_EQ(error_of(message(RecordType::kA, {dns_alias("svc.test", "b.test")}), RecordType::kA),
            Errc::kNotFound);
  EXPECT_EQ(error_of(message(RecordType::kSrv, {}), RecordType::kSrv), Errc::kNotFound);
}

TEST(DnsMessage, ThatIsDamagedIsNeverReadBeyondItsEnd) {
  const std::string whole = message(RecordType::kSrv, {dns_alias("svc.test", "a.test"),
                                                       dns_srv("svc.test", 1, 2, 3, "host.test")});
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(error_of(whole.substr(0, size), RecordType::kSrv), Errc::kOk) << "cut at " << size;
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string changed = whole;
    for (unsigned n = 1 + random() % 4; n > 0; --n)
      changed[random() % changed.size()] = static_cast<char>(random());
    for (const RecordType type : {RecordType::kSrv, RecordType::kA, RecordType::kAaaa})
      (void)decode(changed, type);  // the sanitizers say whether it is well
  }
}

TEST(SrvSelection, TakesTheLowestPriorityOnly) {
  EXPECT_EQ(select({{"b", 2, 20, 1}, {"a", 1, 10, 1}, {"c", 3, 10, 5}}),
            (std::vector<SrvRecord>{{"a", 1, 10, 1}, {"c", 3, 10, 5}}));
}

TEST(SrvSelection, TakesNothingThatCannotBeDialled) {
  EXPECT_EQ(select({{"", 1, 0, 0}}), std::vector<SrvRecord>{});
  EXPECT_EQ(select({{"a", 0, 0, 0}, {"b", 1, 9, 0}}), (std::vector<SrvRecord>{{"b", 1, 9, 0}}));
}

TEST(SrvSelection, WeighsAsTheRecordsSayAndZeroLeast) {
  const std::vector<SrvRecord> some{{"a", 1, 0, 0}, {"b", 1, 0, 60}};
  EXPECT_EQ(weight_of(some[0], some), 1u);
  EXPECT_EQ(weight_of(some[1], some), 60u);
  const std::vector<SrvRecord> none{{"a", 1, 0, 0}, {"b", 1, 0, 0}};
  EXPECT_EQ(weight_of(none[0], none), weight_of(none[1], none));
}

TEST(Domain, IsCheckedBeforeItIsAsked) {
  EXPECT_TRUE(check_domain("_grpc._tcp.a-b.test").ok());
  for (const std::string& bad :
       {std::string(), std::string("a..b"), std::string(".a"), std::string("a b"),
        std::string(64, 'a'), "a." + std::string(250, 'b')})
    EXPECT_EQ(check_domain(bad).code(), Errc::kInvalidArgument) << bad;
  EXPECT_EQ(plain_domain("Host.Test."), "host.test");
  EXPECT_EQ(domain_of("svc", "v1", "test"), "v1.svc.test");
  EXPECT_EQ(domain_of("svc.test", "", ""), "svc.test");
}

/// Runs a lookup against a zone: "TYPE name" -> records. What it lacks is not found.
struct Zone {
  std::map<std::string, std::vector<DnsRecord>> records;
  std::map<std::string, Status> failing;
  std::vector<std::string> asked;

  Expected<Found> look(std::uint16_t port = 0, const std::string& version = "",
                       const std::string& srv = "_grpc._tcp") {
    Lookup lookup({"test", port, srv}, "svc", version);
    std::vector<Question> open = lookup.begin();
    while (!open.empty()) {
      const Question question = open.back();
      open.pop_back();
      const std::string key = std::string(to_string(question.type)) + " " + question.name;
      asked.push_back(key);
      Reply reply{{Errc::kNotFound, "no such name"}};
      if (failing.contains(key)) reply.status = failing[key];
      if (records.contains(key))
        reply = {
            {}, to_message({1, question.name, static_cast<unsigned>(question.type), records[key]})};
      for (const Question& next : lookup.take(question, reply)) open.push_back(next);
    }
    EXPECT_TRUE(lookup.done());
    return lookup.result();
  }
  static std::vector<std::string> addresses(const Expected<Found>& found) {
    EXPECT_TRUE(found) << found.error();
    std::vector<std::string> result;
    if (found)
      for (const Instance& instance : found->instances) result.push_back(instance.address);
    return result;
  }
};

using Texts = std::vector<std::string>;

TEST(DnsLookup, FindsHostsOfSrvRecords) {
  Zone zone;
  zone.records["SRV _grpc._tcp.svc.test"] = {dns_srv("x", 1, 30, 80, "a.test", 50),
                                             dns_srv("x", 1, 60, 81, "b.test", 40)};
  zone.records["A a.test"] = {dns_a("a.test", "10.0.0.1", 30)};
  zone.records["A b.test"] = {dns_a("b.test", "10.0.0.2", 70)};
  const auto found = zone.look();
  ASSERT_EQ(Zone::addresses(found), (Texts{"10.0.0.1:80", "10.0.0.2:81"}));
  const Instance& first = found->instances[0];
  EXPECT_EQ(first.name, "svc");
  EXPECT_EQ(first.instance_id, "10.0.0.1:80");
  EXPECT_EQ(first.naming_address, "a.test");
  EXPECT_EQ(first.weight, 30u);
  EXPECT_EQ(found->instances[1].weight, 60u);
  EXPECT_EQ(found->ttl, 30s);
}

TEST(DnsLookup, WithoutSrvRecordsAndWithAPortTheNameStandsForItsAddresses) {
  Zone zone;
  zone.records["A svc.test"] = {dns_a("svc.test", "10.0.0.2"), dns_a("svc.test", "10.0.0.1")};
  EXPECT_EQ(Zone::addresses(zone.look(80)), (Texts{"10.0.0.2:80", "10.0.0.1:80"}));
  EXPECT_EQ(zone.asked, (Texts{"SRV _grpc._tcp.svc.test", "A svc.test"}));
  zone.asked.clear();
  EXPECT_EQ(Zone::addresses(zone.look()), Texts{});
  EXPECT_EQ(zone.asked, Texts{"SRV _grpc._tcp.svc.test"});
}

TEST(DnsLookup, AsksForIpv6AddressesWhereThereIsNoOther) {
  Zone zone;
  zone.records["AAAA svc.test"] = {dns_aaaa("svc.test", "fd00::1")};
  EXPECT_EQ(Zone::addresses(zone.look(80)), Texts{"[fd00::1]:80"});
  zone.records["A svc.test"] = {dns_a("svc.test", "10.0.0.1")};
  EXPECT_EQ(Zone::addresses(zone.look(80)), Texts{"10.0.0.1:80"});
}

TEST(DnsLookup, OfAVersionAsksBelowTheName) {
  Zone zone;
  zone.records["SRV v1.svc.test"] = {dns_srv("x", 1, 0, 80, "a.test")};
  zone.records["A a.test"] = {dns_a("a.test", "10.0.0.1")};
  const auto found = zone.look(0, "v1", "");
  ASSERT_EQ(Zone::addresses(found), Texts{"10.0.0.1:80"});
  EXPECT_EQ(found->instances[0].version, "v1");
}

TEST(DnsLookup, OneHostWithTwoPortsIsTwoInstancesAndOneQuestion) {
  Zone zone;
  zone.records["SRV _grpc._tcp.svc.test"] = {dns_srv("x", 1, 0, 80, "a.test"),
                                             dns_srv("x", 1, 0, 81, "a.test"),
                                             dns_srv("x", 1, 0, 80, "A.test")};
  zone.records["A a.test"] = {dns_a("a.test", "10.0.0.1")};
  EXPECT_EQ(Zone::addresses(zone.look()), (Texts{"10.0.0.1:80", "10.0.0.1:81"}));
  EXPECT_EQ(zone.asked, (Texts{"SRV _grpc._tcp.svc.test", "A a.test"}));
}

TEST(DnsLookup, AHostThatIsNotThereHidesNoOther) {
  Zone zone;
  zone.records["SRV _grpc._tcp.svc.test"] = {dns_srv("x", 1, 0, 80, "gone.test"),
                                             dns_srv("x", 1, 0, 80, "a.test")};
  zone.records["A a.test"] = {dns_a("a.test", "10.0.0.1")};
  const auto found = zone.look();
  EXPECT_EQ(Zone::addresses(found), Texts{"10.0.0.1:80"});
  EXPECT_EQ(found->ttl, 0s);  // it may come any moment
}

TEST(DnsLookup, AServerThatFailsMakesNobodyVanish) {
  Zone zone;
  zone.records["SRV _grpc._tcp.svc.test"] = {dns_srv("x", 1, 0, 80, "a.test"),
                                             dns_srv("x", 1, 0, 80, "b.test")};
  zone.records["A a.test"] = {dns_a("a.test", "10.0.0.1")};
  zone.failing["A b.test"] = {Errc::kUnavailable, "DNS server returned general failure"};
  const auto found = zone.look();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().to_string(),
            "UNAVAILABLE: ask DNS for A of b.test: DNS server returned general failure");
}

TEST(DnsLookup, AServiceThatIsSaidNotToExistHasNoInstances) {
  Zone zone;
  zone.records["SRV _grpc._tcp.svc.test"] = {dns_srv("x", 0, 0, 0, "")};
  zone.records["A svc.test"] = {dns_a("svc.test", "10.0.0.1")};
  EXPECT_EQ(Zone::addresses(zone.look(80)), Texts{});
}

}  // namespace
}  // namespace brontes::dns
