// Addresses, targets, registry URLs and the rules for records.
#include <gtest/gtest.h>

#include <brontes/discovery/address.hpp>
#include <brontes/discovery/registries/registry_url.hpp>
#include <brontes/discovery/target.hpp>

namespace brontes {
namespace {

std::string resolved(std::string_view address) {
  return dialable_address(address).value_or("error");
}

TEST(Address, SplitsWithBracketsInMind) {
  EXPECT_EQ(split_address("[::1]:80"), (HostPort{"::1", 80}));
  EXPECT_EQ(split_address("::1:8090"), (HostPort{"::1", 8090}));
  EXPECT_EQ(split_address("[fe80::1%eth0]:80").value().to_string(), "[fe80::1%eth0]:80");
  EXPECT_EQ(split_address("h:080").value().to_string(), "h:80");
}

TEST(Address, RefusesWhatCannotBeDialled) {
  for (const char* address : {"h:", "h:http", "8090", "", "h: 80", "h:80 ", "h:65536", "h:-1",
                              "h:0", "h:+80", "[::1:80", "::1]:80", " h:80", "[:80"})
    EXPECT_FALSE(split_address(address)) << address;
}

TEST(Address, KeepsHostsAndBracketsIpv6) {
  EXPECT_EQ(resolved("localhost:8090"), "localhost:8090");
  EXPECT_EQ(resolved("::1:8090"), "[::1]:8090");
}

TEST(Address, NoHostMeansThisMachine) {
  const auto local = local_ipv4();
  const std::string expected = local ? *local + ":8090" : "error";
  for (const char* address : {":8090", "[::]:8090", ":::8090", "0.0.0.0:8090"})
    EXPECT_EQ(resolved(address), expected) << address;
}

std::string read(std::string_view target) {
  const auto result = parse_target(target);
  return result ? result->scheme + " " + result->addresses + " " + result->query.to_string()
                : "error";
}

TEST(Target, FollowsTheVectorsOfHephfx) {
  EXPECT_EQ(read("etcd:///svc/v1"), "etcd  svc/v1");
  EXPECT_EQ(read("etcd:///svc"), "etcd  svc");
  EXPECT_EQ(read("etcd:///svc/"), "etcd  svc");
  EXPECT_EQ(read("etcd:///"), "error");
  EXPECT_EQ(read("etcd:////svc/v1"), "etcd  svc/v1");
  EXPECT_EQ(read("etcd:///svc/v1/extra"), "etcd  svc/v1");
  EXPECT_EQ(read("etcd://auth/svc/v1"), "error");
  EXPECT_EQ(read("etcd:svc"), "error");
  EXPECT_EQ(read("etcd:///svc/v1?x=1"), "etcd  svc/v1");
  EXPECT_EQ(read("consul:///svc/v1"), "consul  svc/v1");
}

TEST(Target, DecodesPartsButNeverLetsASlashIn) {
  EXPECT_EQ(read("memory:///a%2Db/v1"), "memory  a-b/v1");
  EXPECT_EQ(read("memory:///a%2Fb/v1"), "error");
  EXPECT_EQ(read("memory:///a%2"), "error");
}

TEST(Target, StaticBringsItsAddresses) {
  EXPECT_EQ(read("static:10.0.0.7:80,[::1]:81"), "static 10.0.0.7:80,[::1]:81 static");
  EXPECT_EQ(read("static://a:1,b:2/svc/v2"), "static a:1,b:2 svc/v2");
  EXPECT_EQ(read("static:///svc"), "static  svc");
  EXPECT_EQ(read("static:"), "error");
  EXPECT_EQ(read("static:a"), "error");
}

TEST(Target, LeavesOthersToGrpc) {
  EXPECT_FALSE(is_registry_target("dns:///h:80"));
  EXPECT_FALSE(is_registry_target("localhost:80"));
  EXPECT_TRUE(is_registry_target("discovery:///orders"));
  EXPECT_EQ(read("h:80"), "error");
}

TEST(Target, ErrorsSayWhatToWrite) {
  EXPECT_EQ(parse_target("etcd:///").error().message(),
            "target \"etcd:///\": no service name; write etcd:///NAME[/VERSION]");
}

std::string normal(std::string_view url) {
  const auto result = parse_registry_url(url);
  return result ? result->to_string() : "error";
}

TEST(RegistryUrl, TakesAllForms) {
  EXPECT_EQ(normal("memory:"), "memory:");
  EXPECT_EQ(normal("memory:blue"), "memory:blue");
  EXPECT_EQ(normal("MEMORY:///blue"), "memory:blue");
  EXPECT_EQ(normal("static://a:1,[::1]:2"), "static://a:1,[::1]:2");
  EXPECT_EQ(normal("etcd://h:2379/"), "etcd://h:2379");
  EXPECT_EQ(normal("etcd://h:1,i:2?user=u&prefix=/a%20b"), "etcd://h:1,i:2?prefix=/a%20b&user=u");
}

TEST(RegistryUrl, RefusesTheRest) {
  for (const char* url : {"", "memory", "memory:a/b", "etcd:h:1", "etcd://", "etcd://h",
                          "etcd://:1", "etcd://h:1?x", "etcd://h:1?a=1&a=2",
                          "etcd://h:1?password=p", "://h:1", "static://a:b:80", "etcd://::1:80"})
    EXPECT_EQ(normal(url), "error") << url;
}

TEST(RegistryUrl, DoesNotRepeatAPasswordThatStandsBeforeTheAddress) {
  for (const char* url : {"etcd://root:secret@h:2379", "static://root:secret@h:80"}) {
    const auto parsed = parse_registry_url(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_EQ(parsed.error().message().find("secret"), std::string::npos);
    EXPECT_NE(parsed.error().message().find("?user=NAME"), std::string::npos);
  }
}

TEST(Record, IsValidOnlyWithCleanNamesAndADialableAddress) {
  Instance good;
  good.name = "greeter";
  good.instance_id = "a-1";
  good.address = "10.0.0.7:80";
  EXPECT_TRUE(validate(good).ok());
  const auto broken = [&](auto change) {
    Instance instance = good;
    change(instance);
    return validate(instance).code() == Errc::kInvalidArgument;
  };
  EXPECT_TRUE(broken([](Instance& i) { i.name = "a/b"; }));
  EXPECT_TRUE(broken([](Instance& i) { i.name = ""; }));
  EXPECT_TRUE(broken([](Instance& i) { i.version = "v 1"; }));
  EXPECT_TRUE(broken([](Instance& i) { i.instance_id = ""; }));
  EXPECT_TRUE(broken([](Instance& i) { i.address = ":80"; }));
  EXPECT_TRUE(broken([](Instance& i) { i.address = "h"; }));
  EXPECT_TRUE(broken([](Instance& i) { i.tags["x"] = std::string(64 * 1024, 'x'); }));
}

TEST(Record, LiesUnderNameVersionAndId) {
  Instance instance;
  instance.name = "svc";
  instance.instance_id = "id";
  EXPECT_EQ(record_key(instance), "svc/id");
  instance.version = "v1";
  EXPECT_EQ(record_key(instance), "svc/v1/id");
  EXPECT_TRUE((Query{"svc", "v1", {}, {}}.covers("svc/v1/id")));
  EXPECT_FALSE((Query{"svc", "v1", {}, {}}.covers("svc/v10/id")));
  EXPECT_FALSE((Query{"svc", "", {}, {}}.covers("svc2/id")));
}

}  // namespace
}  // namespace brontes
