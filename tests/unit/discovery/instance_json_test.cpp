#include <gtest/gtest.h>

#include <brontes/discovery/detail/plain_record.hpp>
#include <brontes/discovery/instance.hpp>
#include <random>

namespace brontes {
namespace {

const std::string kG3 =
    R"({"network":"tcp","name":"my-service","address":"127.0.0.1:8080","naming_address":"",)"
    R"("instance_id":"eba1e8cd0460491049c644bdf3cf024d","version":"v1","weight":100,)"
    R"("protocol":"GRPC","healthy":true,"created":"2024-01-01 00:00:00","metadata":{},"tags":{}})";
const std::string kG2 =
    R"({"network":"tcp","name":"my-service","address":":9090","naming_address":"",)"
    R"("instance_id":"noversion-id","version":"","weight":100,"protocol":"HTTP","healthy":true,)"
    R"("created":"","metadata":{"region":"cn-north-1"},"tags":{"env":"prod"}})";
// As Go writes it: <, >, & and the line separators escaped.
const std::string kG5 =
    R"({"network":"tcp","name":"my-service","address":"127.0.0.1:8080","naming_address":"",)"
    R"("instance_id":"eba1e8cd0460491049c644bdf3cf024d","version":"v1","weight":100,)"
    R"("protocol":"grpc-web","healthy":true,"created":"2024-01-01 00:00:00",)"
    R"("metadata":{"a":{"a":null,"b":[1,2,"x"],"z":1},"z":1},)"
    R"("tags":{"env":"a\u003cb\u003e\u0026c\u2028\u2029é中😀\"\\/\u0008\u000c\n\r\t\u0001)"
    "\x7f\"}}";
const std::string kTag = "a<b>&c\u2028\u2029é中😀\"\\/\b\f\n\r\t\x01\x7f";

Instance with(const std::string& member) {
  auto read = instance_from_json("{" + member + "}");
  EXPECT_TRUE(read) << member;
  return read.value_or(Instance{});
}

bool refused(const std::string& member) { return !instance_from_json("{" + member + "}"); }

TEST(InstanceJson, WritesTheTwelveMembersInOrder) {
  Instance instance;
  instance.name = "my-service";
  instance.address = "127.0.0.1:8080";
  instance.instance_id = "eba1e8cd0460491049c644bdf3cf024d";
  instance.version = "v1";
  instance.created = "2024-01-01 00:00:00";
  EXPECT_EQ(to_json(instance), kG3);
}

TEST(InstanceJson, ReadsWhatGoAndRustWriteAndWritesItBack) {
  for (const std::string& text : {kG2, kG3}) {
    const auto instance = instance_from_json(text);
    ASSERT_TRUE(instance) << text;
    EXPECT_EQ(to_json(*instance), text);
  }
}

TEST(InstanceJson, ReadsGoEscapesAndWritesRustOnes) {
  const auto instance = instance_from_json(kG5);
  ASSERT_TRUE(instance);
  EXPECT_EQ(instance->tags.at("env"), kTag);
  EXPECT_EQ(instance->protocol, "grpc-web");
  EXPECT_EQ(instance->metadata.at("a").text, R"({"a":null,"b":[1,2,"x"],"z":1})");
  EXPECT_TRUE(instance->metadata.at("z").is_json);
  const std::string written = to_json(*instance);
  EXPECT_NE(written.find("a<b>&c\u2028\u2029é中😀\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\x7f"),
            std::string::npos)
      << written;
  EXPECT_EQ(instance_from_json(written), instance);
}

TEST(InstanceJson, ReadsTheZeroStructOfGo) {
  const auto instance = instance_from_json(
      R"({"network":"","name":"","address":"","naming_address":"","instance_id":"","version":"",)"
      R"("weight":0,"protocol":"","healthy":false,"created":"","metadata":null,"tags":null})");
  ASSERT_TRUE(instance);
  EXPECT_FALSE(instance->healthy);
  EXPECT_NE(to_json(*instance).find(R"("weight":100)"), std::string::npos);
  EXPECT_TRUE(instance_from_json("null"));
}

TEST(InstanceJson, MissingMembersAreZeroAndUnhealthy) {
  const Instance instance = with(R"("name":"a","surprise":[1,{"x":2}])");
  EXPECT_EQ(instance.name, "a");
  EXPECT_EQ(instance.weight, 0u);
  EXPECT_FALSE(instance.healthy);
}

TEST(InstanceJson, TakesOtherCasesAndNulls) {
  EXPECT_EQ(with(R"("NaMe":"a")").name, "a");
  EXPECT_EQ(with(R"("protocol":"grpc")").protocol, "GRPC");
  EXPECT_EQ(with(R"("protocol":"Thrift")").protocol, "Thrift");
  EXPECT_EQ(with(R"("weight":null,"name":null)").weight, 0u);
}

TEST(InstanceJson, MergesRepeatedObjectsAndTheLastOfOthersWins) {
  const Instance instance =
      with(R"("name":"a","name":"b","tags":{"x":"1","y":"1"},"tags":{"y":"2"})");
  EXPECT_EQ(instance.name, "b");
  EXPECT_EQ(instance.tags, (std::map<std::string, std::string>{{"x", "1"}, {"y", "2"}}));
}

TEST(InstanceJson, RefusesWrongTypes) {
  for (const char* member : {R"("weight":100.0)", R"("weight":1e2)", R"("weight":-1)",
                             R"("weight":4294967296)", R"("weight":"100")", R"("name":1)",
                             R"("tags":{"a":1})", R"("tags":[])", R"("healthy":"true")"})
    EXPECT_TRUE(refused(member)) << member;
  for (const char* text : {"", "[]", "{} x", "{", "\"a\"", "[\"tcp\",\"a\"]"})
    EXPECT_FALSE(instance_from_json(text)) << text;
  EXPECT_TRUE(instance_from_json("{} \n"));
}

TEST(InstanceJson, ReplacesWhatIsNoUnicode) {
  EXPECT_EQ(with(R"("name":"a\ud800b")").name, "a\uFFFDb");
  EXPECT_EQ(with("\"name\":\"a\xff"
                 "b\"")
                .name,
            "a\uFFFDb");
  EXPECT_EQ(with(R"("name":"\ud83d\ude00")").name, "😀");
  EXPECT_EQ(with("\"name\":\"\xff\\\\ud800\"").name, "\uFFFD\\ud800");
}

TEST(InstanceJson, KeepsLargeIntegersExactly) {
  const Instance instance = with(R"("metadata":{"n":9007199254740993,"u":18446744073709551615})");
  EXPECT_EQ(instance.metadata.at("n").text, "9007199254740993");
  EXPECT_NE(to_json(instance).find("18446744073709551615"), std::string::npos);
}

TEST(InstanceJson, RefusesBottomlessNesting) {
  const std::string deep(100'000, '[');
  EXPECT_FALSE(instance_from_json(deep));
  const std::string closed = std::string(5'000, '[') + std::string(5'000, ']');
  EXPECT_TRUE(refused("\"metadata\":{\"a\":" + closed + "}"));
}

// A blank in front is all that keeps a record from the short way.
Expected<Instance> the_long_way(const std::string& text) { return instance_from_json(" " + text); }

TEST(InstanceJson, TheShortWayReadsWhatTheLongWayReads) {
  for (const std::string& text : {kG2, kG3}) {
    Instance plain;
    EXPECT_TRUE(detail::read_plain_record(text, plain)) << text;
    EXPECT_EQ(plain, the_long_way(text)) << text;
  }
}

TEST(InstanceJson, NoByteThatIsChangedOrMissingMakesTheShortWayReadSomethingElse) {
  std::mt19937 random(7);
  int plain = 0;
  for (const std::string& text : {kG2, kG3}) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (const char c : std::string("\"\\{}[],:0\x01\x7f\xc3 Gt")) {
        std::string changed = text;
        if (random() % 4 == 0)
          changed.erase(at, 1 + random() % 3);
        else
          changed[at] = c;
        Instance read;
        if (!detail::read_plain_record(changed, read)) continue;
        ++plain;
        EXPECT_EQ(read, the_long_way(changed)) << changed;
      }
    }
  }
  EXPECT_GT(plain, 500);  // most changes within texts leave a plain record
}

TEST(InstanceJson, TheShortWayLeavesNumbersThatAreNoWeightsToTheLongOne) {
  const std::size_t at = kG3.find("100");
  for (const char* weight : {"0100", "-1", "1.5", "1e2", "4294967296", "", "+1"}) {
    Instance read;
    EXPECT_FALSE(detail::read_plain_record(std::string(kG3).replace(at, 3, weight), read))
        << weight;
  }
  Instance read;
  EXPECT_TRUE(detail::read_plain_record(std::string(kG3).replace(at, 3, "4294967295"), read));
  EXPECT_EQ(read.weight, 4294967295u);
}

TEST(InstanceJson, RepeatedEntriesOfAMapAreTheLastInBothWays) {
  std::string text = kG3;
  text.replace(text.find("\"tags\":{}"), 9, R"("tags":{"a":"1","a":"2"})");
  EXPECT_EQ(instance_from_json(text)->tags.at("a"), "2");
  EXPECT_EQ(instance_from_json(text), the_long_way(text));
}

}  // namespace
}  // namespace brontes
