// What stands where in etcd, and in which bytes it is asked for: the contract with hephfx and with
// etcd itself.
#include "etcd_messages.pb.h"

#include <gtest/gtest.h>
#include <brontes/discovery/registries/etcd/detail/keys.hpp>
#include <brontes/discovery/registries/etcd/etcd_registry.hpp>

#include <string>

namespace brontes::etcd {
namespace {

TEST(EtcdKeys, PrefixesAreNormalisedAsHephfxDoes) {
  const auto normal = [](std::string_view prefix) {
    return normal_prefix(prefix).value_or("refused");
  };
  EXPECT_EQ(normal("/hestia/registry-etcd"), "/hestia/registry-etcd");
  EXPECT_EQ(normal("hestia"), "/hestia");
  EXPECT_EQ(normal("/a/"), "/a");
  EXPECT_EQ(normal(""), "/");
  EXPECT_EQ(normal("/"), "/");
  EXPECT_EQ(normal("//a//"), "refused");
  EXPECT_EQ(normal("a//b"), "refused");
  EXPECT_EQ(normal("/a b"), "refused");
  EXPECT_EQ(normal("/a\n"), "refused");
}

TEST(EtcdKeys, RangesAreThoseOfHephfx) {
  const Keys keys("/hestia/registry-etcd");
  EXPECT_EQ(keys.key("my-service/v1/eba1e8cd0460491049c644bdf3cf024d"),
            "/hestia/registry-etcd/my-service/v1/eba1e8cd0460491049c644bdf3cf024d");
  const KeyRange version = keys.range({"my-service", "v1"});
  EXPECT_EQ(version.begin, "/hestia/registry-etcd/my-service/v1/");
  EXPECT_EQ(version.end, "/hestia/registry-etcd/my-service/v10");
  const KeyRange all = keys.range({"my-service"});
  EXPECT_EQ(all.begin, "/hestia/registry-etcd/my-service/");
  EXPECT_EQ(all.end, "/hestia/registry-etcd/my-service0");
  EXPECT_EQ(Keys("/").range({"svc"}).begin, "//svc/");
  const KeyRange one = keys.range({"my-service", "", {}, {}, "noversion-id"});
  EXPECT_EQ(one.begin, "/hestia/registry-etcd/my-service/noversion-id");
  EXPECT_EQ(one.end, "");
}

TEST(EtcdKeys, WhatIsNoRecordsKeyIsNone) {
  const Keys keys("/p");
  EXPECT_EQ(keys.record_key("/p/svc/v1/a"), "svc/v1/a");
  for (const char* key :
       {"/p/", "/p/svc", "/p/svc/", "/p//a", "/p/svc//a", "/q/svc/a", "/p2/svc/a"})
    EXPECT_EQ(keys.record_key(key), std::nullopt) << key;
}

TEST(EtcdKeys, RecordsOfHephfxAndRsHestiaAreRead) {
  const std::string go =
      R"({"network":"tcp","name":"my-service","address":"127.0.0.1:8080","naming_address":"","instance_id":"eba1e8cd0460491049c644bdf3cf024d","version":"v1","weight":100,"protocol":"","healthy":true,"created":"","metadata":{},"tags":{}})";
  const auto from_go = read_record("my-service/v1/eba1e8cd0460491049c644bdf3cf024d", go);
  ASSERT_TRUE(from_go) << from_go.error();
  EXPECT_EQ(from_go->address, "127.0.0.1:8080");
  EXPECT_EQ(to_json(*from_go), go);
  const std::string rust =
      R"({"network":"tcp","name":"my-service","address":"127.0.0.1:8080","naming_address":"","instance_id":"11111111-2222-4333-8444-555555555555","version":"v1","weight":100,"protocol":"GRPC","healthy":true,"created":"2024-01-01 00:00:00","metadata":{},"tags":{}})";
  const auto from_rust = read_record("my-service/v1/11111111-2222-4333-8444-555555555555", rust);
  ASSERT_TRUE(from_rust) << from_rust.error();
  EXPECT_EQ(to_json(*from_rust), rust);
  EXPECT_FALSE(read_record("my-service/v2/eba1e8cd0460491049c644bdf3cf024d", go));
}

template <class Message>
std::string hex(const Message& message) {
  std::string out;
  for (const unsigned char byte : message.SerializeAsString()) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

// Byte for byte what etcd's own numbers give: tag = number * 8 + kind.
TEST(EtcdMessages, HaveEtcdsFieldNumbers) {
  wire::WatchRequest watch;
  auto& create = *watch.mutable_create_request();
  create.set_key("k");
  create.set_range_end("l");
  create.set_start_revision(3);
  create.set_progress_notify(true);
  create.set_fragment(true);
  EXPECT_EQ(hex(watch),
            "0a0c"
            "0a016b"
            "12016c"
            "1803"
            "2001"
            "4001");
  wire::WatchRequest progress;
  progress.mutable_progress_request();
  EXPECT_EQ(hex(progress), "1a00");

  wire::TxnRequest txn;
  auto& compare = *txn.add_compare();
  compare.set_target(wire::Compare::LEASE);
  compare.set_key("k");
  compare.set_lease(9);
  auto& put = *txn.add_success()->mutable_request_put();
  put.set_key("k");
  put.set_value("v");
  put.set_lease(9);
  txn.add_failure()->mutable_request_range()->set_key("k");
  EXPECT_EQ(hex(txn),
            "0a07"
            "1004"
            "1a016b"
            "4009"
            "120a"
            "1208"
            "0a016b"
            "120176"
            "1809"
            "1a05"
            "0a03"
            "0a016b");
  wire::RangeRequest range;
  range.set_key("k");
  range.set_limit(2);
  range.set_revision(5);
  EXPECT_EQ(hex(range),
            "0a016b"
            "1802"
            "2005");
}

TEST(EtcdMessages, ReadWhatEtcdSends) {
  // Header at revision 6; watch id 1; one removal of "k" at revision 6; the event list is field 11.
  const std::string bytes(
      "\x0a\x02\x18\x06"
      "\x10\x01"
      "\x5a\x09"
      "\x08\x01"
      "\x12\x05"
      "\x0a\x01k"
      "\x18\x06",
      17);
  wire::WatchResponse response;
  ASSERT_TRUE(response.ParseFromString(bytes));
  EXPECT_EQ(response.header().revision(), 6);
  EXPECT_EQ(response.watch_id(), 1);
  ASSERT_EQ(response.events_size(), 1);
  EXPECT_EQ(response.events(0).type(), wire::Event::DELETE);
  EXPECT_EQ(response.events(0).kv().mod_revision(), 6);
}

TEST(EtcdOptions, ComeFromUrlAndAccess) {
  const auto of = [](const std::string& text, RegistryAccess access = {}) {
    return etcd_options(*parse_registry_url(text), access);
  };
  const auto plain = of("etcd://a:1,b:2");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->members, (std::vector<std::string>{"a:1", "b:2"}));
  EXPECT_EQ(plain->prefix, "/hestia/registry-etcd");
  EXPECT_EQ(of("etcd://a:1?prefix=x/")->prefix, "/x");
  const RegistryAccess access{.user = "u", .password = "p"};
  EXPECT_EQ(of("etcd://a:1", access)->user, "u");
  EXPECT_EQ(of("etcd://a:1?user=v", access)->user, "v");
  EXPECT_NE(of("etcd://a:1?user=v").error().message().find("has no password"), std::string::npos);
  EXPECT_NE(of("etcd://a:1?dc=d").error().message().find("no option dc"), std::string::npos);
  EXPECT_NE(of("etcd://a:1?prefix=a//b").error().message().find("two slashes"), std::string::npos);
  EXPECT_FALSE(of("etcd://a:1", {.tls = true, .ca = "/nowhere.pem"}));
  EXPECT_FALSE(of("etcd://a:1", {.tls = true, .cert = "/nowhere.pem"}));
  EXPECT_FALSE(of("etcd://a:1", {.ca = "/nowhere.pem"}));
}

}  // namespace
}  // namespace brontes::etcd
