#include <gtest/gtest.h>

#include <brontes/gateway/json_reader.hpp>
#include <brontes/gateway/json_writer.hpp>
#include <limits>

#include "testsvc.pb.h"

namespace brontes {
namespace {

using gwtest::v1::Everything;
using gwtest::v1::Small;

std::string printed(const google::protobuf::Message& message, JsonOptions options = {}) {
  std::string out;
  const Status status = write_json(message, options, out);
  return status.ok() ? out : status.to_string();
}
JsonOptions brief() {
  JsonOptions options;
  options.print_unset = false;
  return options;
}
std::string quoted(std::string_view text) {
  std::string out;
  write_json_string(text, out);
  return out;
}

TEST(JsonWriter, HephfxPrintsEverythingButOneofsAndOptionals) {
  EXPECT_EQ(printed(Small()),
            R"({"user_name":"","big":"0","color":"COLOR_UNSPECIFIED","inner":null,"tags":[],)"
            R"("labels":{},"ts":null,"sv":null,"data":"","dbl":0,"flag":false})");
}

TEST(JsonWriter, Proto3LeavesDefaultsOutAndUsesJsonNames) {
  Everything m;
  EXPECT_EQ(printed(m, JsonOptions::proto3()), "{}");
  m.set_user_name("u");
  m.set_custom("c");
  m.set_opt_i(0);
  EXPECT_EQ(printed(m, JsonOptions::proto3()), R"({"optI":0,"userName":"u","customJSON":"c"})");
}

TEST(JsonWriter, EnumsAreNamesNumbersIfUnknownOrAsked) {
  Small m;
  m.set_color(gwtest::v1::VERT);
  EXPECT_EQ(printed(m, brief()), R"({"color":"GREEN"})");
  JsonOptions numbers = brief();
  numbers.enum_numbers = true;
  EXPECT_EQ(printed(m, numbers), R"({"color":2})");
  m.set_color(static_cast<gwtest::v1::Color>(99));
  EXPECT_EQ(printed(m, brief()), R"({"color":99})");
}

TEST(JsonWriter, NumbersKeepTheirTypeAndValue) {
  Everything m;
  m.set_flt(0.1f);
  m.add_dbls(std::numeric_limits<double>::infinity());
  m.add_dbls(-0.0);
  m.set_u64(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(printed(m, brief()),
            R"({"u64":"18446744073709551615","flt":0.1,"dbls":["Infinity",-0]})");
}

TEST(JsonWriter, MapKeysAreStrings) {
  Everything m;
  (*m.mutable_names())[-1] = "x";
  (*m.mutable_flags())[false] = 2;
  EXPECT_EQ(printed(m, brief()), R"({"names":{"-1":"x"},"flags":{"false":"2"}})");
}

TEST(JsonWriter, WellKnownTypesHaveTheirOwnForms) {
  Everything m;
  m.mutable_ts()->set_nanos(100'000'000);
  m.mutable_dur()->set_seconds(-3);
  m.mutable_mask()->add_paths("foo_bar.baz");
  m.mutable_i64v()->set_value(5);
  m.mutable_val()->mutable_list_value()->add_values()->set_null_value({});
  m.mutable_empty();
  EXPECT_EQ(printed(m, brief()),
            R"({"ts":"1970-01-01T00:00:00.100Z","dur":"-3s","mask":"fooBar.baz","i64v":"5",)"
            R"("val":[null],"empty":{}})");
}

TEST(JsonWriter, AnyIsExpanded) {
  Everything m;
  Small small;
  small.set_user_name("u");
  m.mutable_any()->PackFrom(small);
  EXPECT_EQ(printed(m, brief()),
            R"({"any":{"@type":"type.googleapis.com/gwtest.v1.Small","user_name":"u"}})");
  m.mutable_any()->PackFrom(google::protobuf::Duration());
  EXPECT_EQ(printed(m, brief()),
            R"({"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"0s"}})");
}

TEST(JsonWriter, WhatHasNoFormIsToldAndLeavesNothing) {
  Everything m;
  m.mutable_any()->set_type_url("a/b.C");
  std::string out = "before";
  const Status status = write_json(m, {}, out);
  EXPECT_EQ(
      status.message(),
      "print gwtest.v1.Everything as JSON: google.protobuf.Any holds the unknown type 'a/b.C'");
  EXPECT_EQ(out, "before");
  m.Clear();
  m.mutable_dur()->set_seconds(std::numeric_limits<std::int64_t>::max());
  EXPECT_FALSE(write_json(m, {}, out).ok());
  m.Clear();
  m.mutable_val();
  EXPECT_FALSE(write_json(m, {}, out).ok());
}

// "NaN" in quotes would read back as a text.
TEST(JsonWriter, FreeValuesHoldNoNumberThatJsonLacks) {
  Everything m;
  m.mutable_val()->set_string_value("NaN");
  EXPECT_EQ(printed(m, brief()), R"({"val":"NaN"})");
  m.mutable_val()->set_number_value(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(printed(m, brief()),
            "INTERNAL: print gwtest.v1.Everything as JSON: google.protobuf.Value holds a number "
            "that JSON does not have");
}

TEST(JsonWriter, AnyOfNothingIsEmptyAndOfDamagedBytesIsTold) {
  Everything m;
  m.mutable_any();
  EXPECT_EQ(printed(m, brief()), R"({"any":{}})");
  m.mutable_any()->set_type_url("a/gwtest.v1.CancelQuery");
  for (const std::string damaged : {"\x0a\x05x", "\x0a\x01x\x0c"}) {
    m.mutable_any()->set_value(damaged);
    EXPECT_TRUE(printed(m, brief()).ends_with("holds a malformed gwtest.v1.CancelQuery"));
  }
}

TEST(JsonWriter, NullValueIsNull) {
  Everything m;
  m.mutable_val()->set_null_value({});
  EXPECT_EQ(printed(m, brief()), R"({"val":null})");
  EXPECT_NE(printed(m).find(R"("nil":null,)"), std::string::npos) << printed(m);
}

TEST(JsonWriter, NestingIsLimited) {
  gwtest::v1::Inner root;
  auto* last = &root;
  for (int i = 0; i < 200; ++i) last = last->mutable_child();
  std::string out;
  EXPECT_FALSE(write_json(root, {}, out).ok());
}

TEST(JsonWriter, PrintsOneField) {
  Small m;
  m.add_tags("a");
  std::string out;
  ASSERT_TRUE(write_json_field(m, *Small::descriptor()->FindFieldByName("tags"), {}, out).ok());
  EXPECT_EQ(out, R"(["a"])");
}

TEST(JsonWriter, StringsAreEscapedOnlyWhereTheyMust) {
  EXPECT_EQ(quoted("<>&/\"\\\t\x01\xc3\xa9"), "\"<>&/\\\"\\\\\\t\\u0001\xc3\xa9\"");
}

TEST(JsonWriter, BytesThatAreNotUtf8AreReplaced) {
  EXPECT_EQ(quoted("a\xff\xc3\xa9"), "\"a\xef\xbf\xbd\xc3\xa9\"");
  EXPECT_EQ(quoted("\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
}

// Each level of a Value is two messages, or three.
TEST(JsonWriter, WhatMayBeReadMayBeWritten) {
  const JsonOptions options = brief();
  const auto nest = [](int depth, std::string open, std::string close) {
    std::string text = "1";
    for (int i = 0; i < depth; ++i) text = open + text + close;
    return text;
  };
  // As many as there may be in all, with the Value around them.
  for (const std::string& value : {nest(49, "[", "]"), nest(33, R"({"a":)", "}")})
    for (const std::string& text :
         {R"({"inners":{},"val":)" + value + "}",
          R"({"any":{"@type":"type.googleapis.com/google.protobuf.Value","value":)" + value +
              "}}"}) {
      Everything m;
      const Status status = read_json(text, options, m);
      ASSERT_TRUE(status.ok()) << status.to_string();
      EXPECT_NE(printed(m, options).find(value), std::string::npos) << printed(m, options);
    }
}

TEST(JsonWriter, WhatIsWrittenReadsBack) {
  Everything m;
  m.set_s("\xf0\x9f\x98\x80\"\n");
  m.set_data(std::string("\0\xff", 2));
  (*m.mutable_inners())["k"].set_amount(3);
  m.mutable_st()->mutable_fields()->insert({"a", {}});
  (*m.mutable_st()->mutable_fields())["a"].set_number_value(1.5);
  m.mutable_pick_m();
  m.mutable_val()->set_bool_value(true);  // an unset one is printed as null, which reads as null
  for (const JsonOptions& options : {JsonOptions::hephfx(), JsonOptions::proto3()}) {
    Everything read;
    const Status status = read_json(printed(m, options), options, read);
    ASSERT_TRUE(status.ok()) << status.to_string();
    EXPECT_EQ(read.SerializeAsString(), m.SerializeAsString());
  }
}

}  // namespace
}  // namespace brontes
