#include <gtest/gtest.h>

#include <brontes/gateway/json_reader.hpp>
#include <cmath>

#include "testsvc.pb.h"

namespace brontes {
namespace {

using gwtest::v1::Everything;

std::string fault(std::string_view text, JsonOptions options = {}) {
  Everything message;
  return read_json(text, options, message).message();
}
Everything read(std::string_view text) {
  Everything message;
  const Status status = read_json(text, {}, message);
  EXPECT_TRUE(status.ok()) << status.to_string();
  return message;
}
std::string nested(int depth, const std::string& open, const std::string& close) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += open;
  text += "1";
  for (int i = 0; i < depth; ++i) text += close;
  return text;
}

TEST(JsonReader, KeepsTheSignOfZero) {
  const auto m = read(R"({"dbl":-0,"dbls":[-0,-0.0,0],"i32":-0})");
  EXPECT_TRUE(std::signbit(m.dbl()));
  EXPECT_TRUE(std::signbit(m.dbls(0)) && std::signbit(m.dbls(1)));
  EXPECT_FALSE(std::signbit(m.dbls(2)));
}

TEST(JsonReader, OneKeyInTwoSpellingsIsThereTwice) {
  EXPECT_EQ(fault(R"({"names":{"1":"a","1.0":"b"}})"), "names[\"1.0\"]: the key is there twice");
  EXPECT_EQ(fault(R"({"labels":{"1":"a","1.0":"b"}})"), "");
}

TEST(JsonReader, ReadsScalarsListsMapsAndMessages) {
  const auto m = read(R"({"s":"a","i64":"-5","tags":["x","y"],"labels":{"k":"v"},
                          "inner":{"child":{"amount":3}},"color":"BLUE","data":"aGk"})");
  EXPECT_EQ(m.s(), "a");
  EXPECT_EQ(m.i64(), -5);
  EXPECT_EQ(m.tags(1), "y");
  EXPECT_EQ(m.labels().at("k"), "v");
  EXPECT_EQ(m.inner().child().amount(), 3);
  EXPECT_EQ(m.color(), gwtest::v1::BLUE);
  EXPECT_EQ(m.data(), "hi");
}

TEST(JsonReader, TakesBothSpellingsOfANameButNotTwice) {
  EXPECT_EQ(read(R"({"userName":"a","customJSON":"b"})").user_name(), "a");
  EXPECT_EQ(read(R"({"custom":"b"})").custom(), "b");
  EXPECT_EQ(fault(R"({"userName":"a","user_name":"b"})"), "user_name: the field is there twice");
}

TEST(JsonReader, SaysWhereAValueDoesNotFit) {
  EXPECT_EQ(fault(R"({"items":[{},{"amount":"x"}]})"),
            "items[1].amount: expected an integer of 32 bits, got \"x\"");
  EXPECT_EQ(fault(R"({"inners":{"k":{"flag":1}}})"),
            "inners[\"k\"].flag: expected true or false, got 1");
  EXPECT_EQ(fault(R"({"tags":"a"})"), "tags: expected an array, got \"a\"");
  EXPECT_EQ(fault(R"({"ts":"yesterday"})"),
            "ts: expected a timestamp (RFC 3339), got \"yesterday\"");
}

TEST(JsonReader, SaysWhereTheTextIsNoJson) {
  EXPECT_TRUE(fault(R"({"s":)").starts_with("byte 6: "));
  EXPECT_EQ(fault("\xef\xbb\xbf{}"), "byte 1: a byte order mark");
  EXPECT_EQ(fault(std::string_view("{}\0x", 4)), "byte 3: a zero byte");
}

TEST(JsonReader, RefusesWhatIsNotStrict) {
  for (const char* text : {"{} x", "{}{}", "{'s':1}", "{s:1}", "{\"s\":\"a\",}", "{\"dbl\":NaN}",
                           "{\"s\":\"\\ud800\"}", "{\"s\":\"\xff\"}", "{\"nope\":\"\xc0\x80\"}",
                           "{\"dbl\":1e400}", "{\"i32\":01}", "{\"s\":\"\n\"}", "// x\n{}", ""})
    EXPECT_NE(fault(text), "") << text;
}

TEST(JsonReader, ReadsEscapesAndSurrogatePairs) {
  EXPECT_EQ(read(R"({"s":"\u0041\n\ud83d\ude00\u0000"})").s(),
            std::string("A\n\xf0\x9f\x98\x80\0", 7));
}

TEST(JsonReader, UnknownMembersAreSkippedOrRefused) {
  EXPECT_EQ(read(R"({"nope":{"x":[1,{"y":null}]},"s":"a","inner":{"zip":[[]]}})").s(), "a");
  EXPECT_EQ(fault(R"({"inner":{"zip":1}})", JsonOptions::proto3()),
            "inner.zip: no such field in gwtest.v1.Inner");
}

TEST(JsonReader, UnknownEnumNamesAreDroppedOrRefused) {
  const auto m = read(R"({"color":"PINK","colors":["RED","PINK","BLUE"]})");
  EXPECT_EQ(m.colors_size(), 2);
  EXPECT_NE(fault(R"({"color":"PINK"})", JsonOptions::proto3()), "");
}

TEST(JsonReader, NullIsAbsentButNotAnItem) {
  EXPECT_EQ(
      read(R"({"s":null,"inner":null,"tags":null,"sv":null,"pick_s":null,"pick_i":1})").pick_i(),
      1);
  EXPECT_EQ(fault(R"({"tags":[null]})"), "tags[0]: expected a string, got null");
  EXPECT_NE(fault(R"({"labels":{"a":null}})"), "");
  EXPECT_TRUE(read(R"({"val":null})").val().has_null_value());
  EXPECT_EQ(fault(R"({"nil":null,"list":[null],"st":{"a":null}})"), "");
}

TEST(JsonReader, NullValueHasNoOtherNumber) {
  EXPECT_EQ(fault(R"({"nil":0})"), "");
  EXPECT_EQ(fault(R"({"nil":2})"), "nil: expected a value of google.protobuf.NullValue, got 2");
}

TEST(JsonReader, NumbersAndTextsAreNotEachOther) {
  EXPECT_EQ(fault(R"({"s":5})"), "s: expected a string, got 5");
  EXPECT_EQ(fault(R"({"flag":"true"})"), "flag: expected true or false, got \"true\"");
  EXPECT_EQ(fault(R"({"i32":true})"), "i32: expected an integer of 32 bits, got true");
  EXPECT_EQ(fault(R"({"inner":[]})"), "inner: expected an object, got an array");
  EXPECT_EQ(fault(R"({"labels":[]})"), "labels: expected an object, got an array");
  EXPECT_EQ(fault(R"({"tags":{}})"), "tags: expected an array, got an object");
  EXPECT_EQ(fault(R"({"dur":{}})"), "dur: expected a duration (\"1.5s\"), got an object");
  EXPECT_EQ(read(R"({"i32":"5","dbl":"-1.5e1"})").dbl(), -15);
}

TEST(JsonReader, SecondMemberOfAOneofIsRefused) {
  EXPECT_EQ(fault(R"({"pick_s":"a","pick_m":{}})"),
            "pick_m: the oneof 'choice' has a member already");
}

TEST(JsonReader, MapKeysHaveTheirType) {
  const auto m = read(R"({"names":{"-2":"b"},"flags":{"true":"5"}})");
  EXPECT_EQ(m.names().at(-2), "b");
  EXPECT_EQ(m.flags().at(true), 5);
  EXPECT_NE(fault(R"({"names":{"x":"a"}})"), "");
  EXPECT_NE(fault(R"({"flags":{"TRUE":1}})"), "");
  EXPECT_EQ(fault(R"({"labels":{"a":"1","a":"2"}})"), "labels[\"a\"]: the key is there twice");
}

TEST(JsonReader, ReadsStructsValuesAndLists) {
  const auto m = read(R"({"st":{"a":1,"b":[true,null,"x"],"c":{}},"val":[{}],"list":[1,[2]]})");
  EXPECT_EQ(m.st().fields().at("a").number_value(), 1);
  EXPECT_EQ(m.st().fields().at("b").list_value().values_size(), 3);
  EXPECT_TRUE(m.st().fields().at("c").has_struct_value());
  EXPECT_TRUE(m.val().list_value().values(0).has_struct_value());
  EXPECT_EQ(m.list().values(1).list_value().values(0).number_value(), 2);
  EXPECT_NE(fault(R"({"st":[]})"), "");
}

TEST(JsonReader, AnyMayNameItsTypeLast) {
  const auto m = read(
      R"({"any":{"big":"5","inner":{"name":"n"},"@type":"type.googleapis.com/gwtest.v1.Small"}})");
  gwtest::v1::Small small;
  ASSERT_TRUE(m.any().UnpackTo(&small));
  EXPECT_EQ(small.big(), 5);
  EXPECT_EQ(small.inner().name(), "n");
}

TEST(JsonReader, AnyOfAWellKnownTypeHasAValue) {
  const auto m =
      read(R"({"any":{"value":"1.5s","@type":"type.googleapis.com/google.protobuf.Duration"}})");
  google::protobuf::Duration duration;
  ASSERT_TRUE(m.any().UnpackTo(&duration));
  EXPECT_EQ(duration.nanos(), 500'000'000);
}

TEST(JsonReader, AnyWithFaultsIsRefused) {
  EXPECT_EQ(fault(R"({"any":{"x":1}})"), "any: '@type' is missing");
  EXPECT_EQ(fault(R"({"any":{"@type":"a/b.C"}})"), "any: '@type' names the unknown type 'a/b.C'");
  EXPECT_EQ(fault(R"({"any":{"@type":"a/gwtest.v1.Small","inner":{"amount":"x"}}})"),
            "any.inner.amount: expected an integer of 32 bits, got \"x\"");
  const std::string type = R"("@type":"a/gwtest.v1.Small")";
  EXPECT_EQ(fault("{\"any\":{" + type + "," + type + "}}"), "any: '@type' must be one string");
  EXPECT_EQ(fault(R"({"any":{"@type":5}})"), "any: '@type' must be one string");
  EXPECT_EQ(fault(R"({"any":{"@type":"gwtest.v1.Small"}})"),
            "any: '@type' names the unknown type 'gwtest.v1.Small'");
  EXPECT_EQ(fault(R"({"any":{"@type":"a/google.protobuf.Duration"}})"), "any: 'value' is missing");
}

TEST(JsonReader, NestingIsLimitedInEveryKindOfValue) {
  EXPECT_NE(fault(nested(200, R"({"inner":)", "}")), "");
  for (const char* member : {"nope", "val", "any", "list"})
    EXPECT_NE(fault("{\"" + std::string(member) + "\":" + nested(200'000, "[", "]") + "}"), "")
        << member;
}

TEST(JsonReader, LeavesAreThePathsThatTheTextHas) {
  Everything message;
  std::vector<std::string> leaves;
  const auto& inner = *Everything::descriptor()->FindFieldByName("inner");
  ASSERT_TRUE(
      read_json_field(R"({"displayName":"x","child":{"tags":["a"],"child":{}},"flag":null})", {},
                      message, inner, &leaves)
          .ok());
  EXPECT_EQ(leaves,
            (std::vector<std::string>{"display_name", "child.tags", "child.child", "flag"}));
}

}  // namespace
}  // namespace brontes
