// What is registered at Consul, and what is read back: byte for byte what hephfx (Go) and rs-hestia
// register, with what is ours beside it; and what they leave there is read as they read it.
#include <gtest/gtest.h>
#include <brontes/discovery/registries/consul/detail/service.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace brontes::consul {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

constexpr const char* kPrefix = "/hestia/registry-consul";

/// As registered, without what is ours: the status to begin with, and the last tag.
std::pair<Json, std::string> theirs_and_ours(const Instance& instance, const char* prefix) {
  Json body = Json::parse(registration(instance, prefix, 10s));
  EXPECT_EQ(body["Check"]["Status"], "passing");
  body["Check"].erase("Status");
  const std::string own = body["Tags"].back();
  body["Tags"].erase(body["Tags"].size() - 1);
  EXPECT_EQ(own.rfind("brontes:", 0), 0u) << own;
  return {body, own};
}

/// An entry of a health answer with the service of a registration's body.
Json entry_of(const Json& body, const std::string& status = "passing",
              const std::string& output = "") {
  Json service = body;
  service["Service"] = body["Name"];
  service.erase("Name");
  service.erase("Check");
  return {{"Node", {{"Node", "n1"}, {"Address", "10.0.0.1"}}},
          {"Service", service},
          {"Checks",
           Json::array({{{"CheckID", "serfHealth"}, {"Status", "passing"}},
                        {{"CheckID", "service:x"}, {"Status", status}, {"Output", output}}})}};
}
Entries read(const Json& entries, const char* prefix = kPrefix) {
  auto result = read_entries(entries.dump(), prefix);
  EXPECT_TRUE(result) << result.error();
  return result ? std::move(*result) : Entries{};
}

Instance my_service() {
  Instance result;
  result.name = "my-service";
  result.instance_id = "11111111-2222-4333-8444-555555555555";
  result.version = "v1";
  result.address = "127.0.0.1:8080";
  result.created = "2024-01-01 00:00:00";
  return result;
}
Instance bare() {
  Instance result;
  result.network = "";
  result.name = "bare";
  result.instance_id = "id-9";
  result.address = "10.0.0.9:9000";
  result.protocol = "";
  return result;
}
void put_json(Instance& instance, const char* key, const char* text) {
  instance.metadata[key] = text;
  instance.metadata[key].is_json = true;
}

TEST(ConsulService, IsRegisteredAsRsHestiaDoes) {
  const auto [body, own] = theirs_and_ours(my_service(), kPrefix);
  EXPECT_EQ(
      body.dump(),
      R"({"ID":"11111111-2222-4333-8444-555555555555","Name":"my-service","Tags":["prefix:hestia/registry-consul","version:v1","protocol:GRPC","instance_id:11111111-2222-4333-8444-555555555555","network:tcp","weight:100","created:2024-01-01 00:00:00"],"Address":"127.0.0.1","Port":8080,"Meta":{},"Check":{"CheckID":"service:11111111-2222-4333-8444-555555555555","Name":"my-service TTL check","TTL":"10s","DeregisterCriticalServiceAfter":"1m"}})");
  EXPECT_EQ(own, "brontes:{}");
}

TEST(ConsulService, WithoutAnythingIsRegisteredAsRsHestiaDoes) {
  const auto [body, own] = theirs_and_ours(bare(), kPrefix);
  EXPECT_EQ(
      body.dump(),
      R"({"ID":"id-9","Name":"bare","Tags":["prefix:hestia/registry-consul","protocol:","instance_id:id-9","weight:100"],"Address":"10.0.0.9","Port":9000,"Meta":{},"Check":{"CheckID":"service:id-9","Name":"bare TTL check","TTL":"10s","DeregisterCriticalServiceAfter":"1m"}})");
}

TEST(ConsulService, ShowsMetadataAsRsHestiaDoes) {
  Instance instance = my_service();
  instance.naming_address = "my-service.default.svc";
  put_json(instance, "arr", R"([1,"a"])");
  put_json(instance, "f", "1.0");
  put_json(instance, "i", "5");
  put_json(instance, "b", "true");
  instance.metadata["s"] = "x<y";
  put_json(instance, "big", "1e+21");
  put_json(instance, "obj", R"({"a":2,"k":1})");
  put_json(instance, "n", "null");
  const auto [body, own] = theirs_and_ours(instance, kPrefix);
  EXPECT_EQ(
      nlohmann::json::parse(body["Meta"].dump()),
      nlohmann::json::parse(
          R"({"arr":"[1,\"a\"]","f":"1.0","i":"5","b":"true","s":"x<y","big":"1e+21","obj":"{\"a\":2,\"k\":1}","n":"null"})"));
  EXPECT_EQ(body["Tags"].back(), "naming_address:my-service.default.svc");
  EXPECT_EQ(own, R"(brontes:{"json":["arr","b","big","f","i","n","obj"]})");
}

TEST(ConsulService, PrefixesAreTaggedAsHephfxDoes) {
  const auto first = [](const char* prefix) {
    return theirs_and_ours(bare(), prefix).first["Tags"].front().get<std::string>();
  };
  EXPECT_EQ(first("//a/b//"), "prefix:a/b");
  EXPECT_EQ(first("/"), "prefix:");
  EXPECT_EQ(first(""), "protocol:");
}

TEST(ConsulService, AnIpv6AddressKeepsItsBrackets) {
  Instance instance = bare();
  instance.address = "[::1]:9000";
  EXPECT_EQ(theirs_and_ours(instance, kPrefix).first["Address"], "[::1]");
}

TEST(ConsulService, ComesBackAsItWas) {
  Instance instance = my_service();
  instance.address = "[fe80::1]:9000";
  instance.naming_address = "a.b";
  instance.tags = {{"zone", "a b"}, {"prefix", "mine"}};
  instance.metadata["plain"] = "1";
  put_json(instance, "list", "[1,2.5,null]");
  instance.metadata["user.name"] = "a dot is no letter of Consul's";
  instance.metadata["consul-x"] = "reserved there";
  instance.metadata["long"] = std::string(513, 'x');
  put_json(instance, "long.json", "{\"a\":[1]}");
  for (int i = 0; i < 80; ++i) instance.metadata["key" + std::to_string(100 + i)] = "v";
  for (const Instance& one : {instance, canonical(bare()), my_service()}) {
    const Json body = Json::parse(registration(one, kPrefix, 15s));
    EXPECT_LE(body["Meta"].size(), 64u);
    for (const auto& [key, value] : body["Meta"].items()) EXPECT_LE(value.size(), 512u) << key;
    const Entries entries = read(Json::array({entry_of(body)}));
    ASSERT_EQ(entries.entries.size(), 1u);
    EXPECT_EQ(entries.entries[0].instance, one) << to_json(entries.entries[0].instance);
  }
}

TEST(ConsulService, OfHephfxIsReadAsRsHestiaReadsIt) {
  const Json entry = Json::parse(
      R"({"Node":{"Address":"10.0.0.1"},"Service":{"ID":"x","Service":"order","Tags":["prefix:hestia/registry-consul","version:v1","protocol:grpc","instance_id:i1","network:udp","weight:7","created:2024-01-01 00:00:00","naming_address:n"],"Address":"","Port":8080,"Meta":{"a":"1"}},"Checks":[]})");
  const Entries entries = read(Json::array({entry}));
  ASSERT_EQ(entries.entries.size(), 1u);
  EXPECT_EQ(
      to_json(entries.entries[0].instance),
      R"({"network":"udp","name":"order","address":"10.0.0.1:8080","naming_address":"n","instance_id":"i1","version":"v1","weight":7,"protocol":"GRPC","healthy":true,"created":"2024-01-01 00:00:00","metadata":{"a":"1"},"tags":{"created":"2024-01-01 00:00:00","instance_id":"i1","naming_address":"n","network":"udp","prefix":"hestia/registry-consul","protocol":"GRPC","version":"v1"}})");
}

TEST(ConsulService, RegisteredByHephfxIsRead) {
  const Json body = Json::parse(
      R"({"ID":"eba1e8cd0460491049c644bdf3cf024d","Name":"my-service","Tags":["prefix:hestia/registry-consul","version:v1","protocol:GRPC","instance_id:eba1e8cd0460491049c644bdf3cf024d","network:tcp","weight:100","created:2024-01-01 00:00:00","naming_address:my-service.default.svc"],"Port":8080,"Address":"127.0.0.1","Meta":{"arr":"[1 a]","b":"true","big":"1e+21","f":"1","i":"5","n":"\u003cnil\u003e","obj":"map[a:2 k:1]","s":"x\u003cy"},"Check":{"CheckID":"service:eba1e8cd0460491049c644bdf3cf024d","Name":"my-service TTL check","TTL":"2s","DeregisterCriticalServiceAfter":"1m"},"Checks":null})");
  const Entries entries = read(Json::array({entry_of(body)}));
  ASSERT_EQ(entries.entries.size(), 1u);
  const Instance& instance = entries.entries[0].instance;
  EXPECT_EQ(record_key(instance), "my-service/v1/eba1e8cd0460491049c644bdf3cf024d");
  EXPECT_EQ(instance.address, "127.0.0.1:8080");
  EXPECT_EQ(instance.metadata.at("n"), MetadataValue("<nil>"));
  EXPECT_EQ(instance.metadata.at("i"), MetadataValue("5"));
  EXPECT_EQ(instance.tags.at("naming_address"), "my-service.default.svc");
}

Json entry_with(Json tags, Json port = 80, const char* address = "1.2.3.4") {
  return {{"Node", {{"Address", "10.0.0.1"}}},
          {"Service",
           {{"ID", "x"},
            {"Service", "svc"},
            {"Tags", std::move(tags)},
            {"Address", address},
            {"Port", std::move(port)},
            {"Meta", nullptr}}},
          {"Checks", nullptr}};
}

TEST(ConsulService, MissingTagsHaveDefaults) {
  const auto weight = [](const char* tag) {
    const Entries read_back =
        read(Json::array({entry_with(Json::array({"prefix:hestia/registry-consul", tag}))}));
    return read_back.entries.empty() ? 12345u : read_back.entries[0].instance.weight;
  };
  EXPECT_EQ(weight("weight:0"), 0u);
  EXPECT_EQ(weight("weight:bad"), 100u);
  EXPECT_EQ(weight("weight:4294967296"), 100u);
  EXPECT_EQ(weight("weight:"), 100u);
  EXPECT_EQ(weight("other"), 100u);
  const Entries plain = read(Json::array({entry_with(
      Json::array({"prefix:hestia/registry-consul", "weight:3", "weight:4"}), 80, "::1")}));
  ASSERT_EQ(plain.entries.size(), 1u);
  EXPECT_EQ(plain.entries[0].instance.weight, 3u);
  EXPECT_EQ(plain.entries[0].instance.network, "tcp");
  EXPECT_EQ(plain.entries[0].instance.instance_id, "x");
  EXPECT_EQ(plain.entries[0].instance.address, "[::1]:80");
}

TEST(ConsulService, OfAnotherPrefixIsNotSeen) {
  const Json all = Json::array({entry_with(Json::array({"prefix:other"})), entry_with(nullptr),
                                entry_with(Json::array({"prefix:hestia/registry-consul2"})),
                                entry_with(Json::array({"prefix:Hestia/registry-consul"}))});
  EXPECT_EQ(read(all).entries.size(), 0u);
  EXPECT_EQ(read(all).unreadable.size(), 0u);
  EXPECT_EQ(read(all, "").entries.size(), 4u);
}

TEST(ConsulService, ThatCannotBeReadHidesNoOther) {
  const Json ours = Json::array({"prefix:hestia/registry-consul"});
  Json nameless = entry_with(ours), luggage = entry_with(ours), number = entry_with(ours);
  nameless["Service"]["Service"] = "s vc";
  luggage["Service"]["Tags"].push_back("brontes:[");
  number["Service"]["Port"] = "80";
  const Entries entries =
      read(Json::array({entry_with(ours, 70000), entry_with(ours, 0), nameless, luggage, number,
                        Json(5), Json(nullptr), entry_with(ours)}));
  ASSERT_EQ(entries.entries.size(), 1u);
  ASSERT_EQ(entries.unreadable.size(), 5u);
  EXPECT_NE(entries.unreadable[0].why.message().find("svc/x: no address, or no port"),
            std::string::npos)
      << entries.unreadable[0].why;
  EXPECT_EQ(entries.unreadable[0].id, "x");
  for (const char* nonsense : {"", "{}", "null", "[", "\"x\""})
    EXPECT_FALSE(read_entries(nonsense, kPrefix)) << nonsense;
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  EXPECT_FALSE(read_entries(deep, kPrefix));
}

TEST(ConsulService, IsGoneWhenItsCheckIsUnlessSomebodyLetsItRest) {
  const Json body = Json::parse(registration(my_service(), kPrefix, 15s));
  const auto state = [&](const char* status, const char* output = "") {
    return read(Json::array({entry_of(body, status, output)})).entries.at(0).state;
  };
  using State = Entry::State;
  EXPECT_EQ(state("passing"), State::kServing);
  EXPECT_EQ(state("warning"), State::kDrained);
  EXPECT_EQ(state("critical", "TTL expired"), State::kGone);
  EXPECT_EQ(state("critical", "draining"), State::kDrained);
  const auto with_check = [&](const char* id) {
    Json entry = entry_of(body);
    entry["Checks"].push_back({{"CheckID", id}, {"Status", "critical"}});
    return read(Json::array({entry})).entries.at(0).state;
  };
  EXPECT_EQ(with_check("_service_maintenance:x"), State::kDrained);
  EXPECT_EQ(with_check("_node_maintenance"), State::kDrained);
  EXPECT_EQ(with_check("serfHealth"), State::kGone);
}

TEST(ConsulService, NamesAreThoseUnderThePrefix) {
  const std::string answer =
      R"({"consul":[],"svc":["weight:1","prefix:p"],"other":["prefix:q"],"s vc":["prefix:p"]})";
  EXPECT_EQ(*read_names(answer, "/p"), std::set<std::string>{"svc"});
  EXPECT_EQ(*read_names(answer, ""), (std::set<std::string>{"consul", "other", "svc"}));
  EXPECT_FALSE(read_names("[]", "/p"));
}

}  // namespace
}  // namespace brontes::consul
