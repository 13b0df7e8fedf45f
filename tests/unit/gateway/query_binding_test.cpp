#include <gtest/gtest.h>

#include <brontes/gateway/query_binding.hpp>

#include "testsvc.pb.h"

namespace brontes {
namespace {

using gwtest::v1::Everything;

struct QueryBinding : testing::Test {
  std::string bind(std::string_view query, const BoundFields& bound = {}) {
    const auto pairs = parse_form(query);
    return pairs ? bind_query(m, *pairs, bound).message() : pairs.error().message();
  }
  std::string bind_path(std::string_view field, std::string_view value) {
    return bind_path_value(m, field, value).message();
  }
  Everything m;
};

TEST_F(QueryBinding, SetsScalarsListsAndNestedFields) {
  EXPECT_EQ(bind("s=a&i32=5&flag=T&tags=x&tags=y&inner.child.displayName=d&color=2"), "");
  EXPECT_EQ(m.s(), "a");
  EXPECT_EQ(m.i32(), 5);
  EXPECT_TRUE(m.flag());
  EXPECT_EQ(m.tags_size(), 2);
  EXPECT_EQ(m.inner().child().display_name(), "d");
  EXPECT_EQ(m.color(), gwtest::v1::GREEN);
}

TEST_F(QueryBinding, SetsMapEntries) {
  EXPECT_EQ(bind("labels[a.b]=1&counts%5Bx%5D=2"), "");
  EXPECT_EQ(m.labels().at("a.b"), "1");
  EXPECT_EQ(m.counts().at("x"), 2);
}

TEST_F(QueryBinding, SetsWellKnownTypes) {
  EXPECT_EQ(bind("ts=2020-01-02T03:04:05Z&dur=1h30m&mask=a,b.c&sv=&bv=false&val={\"a\":[1]}"), "");
  EXPECT_EQ(m.dur().seconds(), 5400);
  EXPECT_EQ(m.mask().paths(1), "b.c");
  EXPECT_TRUE(m.has_sv());
  EXPECT_TRUE(m.val().has_struct_value());
}

TEST_F(QueryBinding, SkipsUnknownAndBoundNames) {
  const PathValues path = {{"inner.name", "bob"}};
  EXPECT_EQ(bind("nope=1&inner.nope=2&inner.name=x&inner.amount=3&st.a=1", {&path, "st"}), "");
  EXPECT_EQ(m.inner().name(), "");
  EXPECT_EQ(m.inner().amount(), 3);
}

TEST_F(QueryBinding, BoundNamesAreFieldsAndNotBeginningsOfNames) {
  const PathValues path = {{"inner.name", "bob"}};
  EXPECT_EQ(bind("si32=5&s=x&inner.names=y", {&path, "s"}), "");
  EXPECT_EQ(m.si32(), 5);
  EXPECT_EQ(m.s(), "");
}

TEST_F(QueryBinding, BoundFieldsAreSkippedInEitherSpelling) {
  const PathValues path = {{"inner.display_name", "bob"}, {"user_name", "ann"}};
  EXPECT_EQ(bind("inner.displayName=x&inner.amount=1&userName=y&pickM.name=z", {&path, "pick_m"}),
            "");
  EXPECT_EQ(m.inner().display_name() + m.user_name(), "");
  EXPECT_EQ(m.inner().amount(), 1);
  EXPECT_FALSE(m.has_pick_m());
}

TEST_F(QueryBinding, WhatIsInBracketsIsAKeyOfAMapAlone) {
  EXPECT_EQ(bind("s[a]=1"), "parameter 's[a]': it is no map");
  EXPECT_EQ(bind("labels[]=1&labels[a]=2"), "");
  EXPECT_EQ(m.labels().at(""), "1");
  EXPECT_EQ(m.labels().at("a"), "2");
}

TEST_F(QueryBinding, MembersOfOneMessageInAOneofAreNoConflict) {
  EXPECT_EQ(bind("pick_m.name=a&pick_m.amount=2"), "");
  EXPECT_EQ(m.pick_m().amount(), 2);
  EXPECT_EQ(bind("pick_i=1"),
            "parameter 'pick_i': the oneof 'choice' has the member 'pick_m' already");
}

TEST_F(QueryBinding, TellsWhatWasExpected) {
  EXPECT_EQ(bind("inner.amount=x"),
            "parameter 'inner.amount': expected an integer of 32 bits, got \"x\"");
  EXPECT_EQ(bind("labels=a"), "parameter 'labels': a map is written 'labels[key]'");
  EXPECT_EQ(bind("items.name=x"),
            "parameter 'items.name': 'items' has no fields that could be addressed");
}

TEST_F(QueryBinding, RefusesValuesThatDoNotFit) {
  for (const char* query :
       {"i32=",     "i32=0x10",   "i32=1e2",  "i32=2147483648", "u64=-1",     "flag",
        "flag=yes", "color=PINK", "color=99", "data=aGk",       "dbl=1e400",  "ts=2020-01-02",
        "dur=3",    "inner=x",    "any={}",   "s.x=1",          "labels.a=1", "counts[x]=y",
        "s=%FF",    "list=[]",    "s[a]=1"})
    EXPECT_NE(bind(query), "") << query;
}

TEST_F(QueryBinding, RefusesSecondValues) {
  EXPECT_EQ(bind("s=a&s=b"), "parameter 's': it is there twice");
  EXPECT_EQ(bind("labels[a]=1&labels[a]=2"), "parameter 'labels[a]': the key is there twice");
  EXPECT_EQ(bind("pick_s=a&pick_m.name=b"),
            "parameter 'pick_m.name': the oneof 'choice' has the member 'pick_s' already");
}

TEST_F(QueryBinding, PathReplacesWhatTheBodyHasPut) {
  m.set_s("body");
  m.add_tags("body");
  EXPECT_EQ(bind_path("s", "path") + bind_path("tags", "a,b"), "");
  EXPECT_EQ(m.s(), "path");
  EXPECT_EQ(m.tags_size(), 2);
}

TEST_F(QueryBinding, PathCommasSeparateTheValuesOfAListAlone) {
  EXPECT_EQ(bind_path("s", "a,b") + bind_path("nums", "1,-2,3"), "");
  EXPECT_EQ(m.s(), "a,b");
  EXPECT_EQ(m.nums_size(), 3);
  EXPECT_EQ(bind_path("nums", "1,x"),
            "path variable 'nums': expected an integer of 32 bits, got \"x\"");
  EXPECT_EQ(bind_path("inner.nope", "1"), "path variable 'inner.nope': no such field");
}

TEST_F(QueryBinding, PathIntegersHaveABaseAtTheTopOnly) {
  EXPECT_EQ(bind_path("i32", "-0x10") + bind_path("u32", "010") + bind_path("i64", "1_000"), "");
  EXPECT_EQ(m.i32(), -16);
  EXPECT_EQ(m.u32(), 8u);
  EXPECT_EQ(m.i64(), 1000);
  EXPECT_NE(bind_path("inner.amount", "0x5"), "");
  for (const char* text : {"", "-", "1__0", "_1", "0x", "--1", "1.0", "+-1"})
    EXPECT_NE(bind_path("i32", text), "") << text;
}

TEST_F(QueryBinding, OneKeyInTwoSpellingsIsThereTwice) {
  EXPECT_NE(bind("flags[true]=1&flags[1]=2"), "");
  EXPECT_EQ(bind("labels[true]=1&labels[1]=2"), "");
}

TEST_F(QueryBinding, PathVariablesInsideOfScalarsAreRefused) {
  for (const char* path : {"color.child", "items.name", "labels.key"})
    EXPECT_NE(bind_path(path, "1"), "") << path;
}

TEST_F(QueryBinding, PathTimesAreWrittenAsInJson) {
  EXPECT_EQ(bind_path("dur", "1.5s") + bind_path("ts", "\"2020-01-02T03:04:05Z\""), "");
  EXPECT_NE(bind_path("dur", "1h"), "");
}

TEST_F(QueryBinding, FloatsTakeSpecialNamesAndNotTooMuch) {
  EXPECT_EQ(bind_path("flt", "-inf") + bind_path("dbl", "0x1p-2"), "");
  EXPECT_EQ(m.dbl(), 0.25);
  for (const char* text : {"1e39", "", "infin", "1.5x", "--1"})
    EXPECT_NE(bind_path("flt", text), "") << text;
}

TEST_F(QueryBinding, NamesAreNoDeeperThanJsonMayBe) {
  const auto name = [](int levels) {
    std::string deep = "inner";
    for (int i = 2; i < levels; ++i) deep += ".child";
    return deep + ".displayName=d";
  };
  EXPECT_EQ(bind(name(100)), "");
  EXPECT_NE(bind(name(101)).find("deeper than 100"), std::string::npos) << bind(name(101));
  EXPECT_NE(bind(name(300'000)), "");
}

// A parameter may be JSON.
TEST_F(QueryBinding, ValuesAreNoDeeperThanProtobufParses) {
  const auto nested = [](int objects) {
    std::string text = "1";
    for (int i = 0; i < objects; ++i) text = "{\"a\":" + text + "}";
    return text;
  };
  // A Struct, and for each object an entry and a Value which is, but for the last one, a Struct.
  EXPECT_EQ(bind("st=" + nested(33)), "");
  Everything again;
  EXPECT_TRUE(again.ParseFromString(m.SerializeAsString()));
  m.Clear();
  EXPECT_NE(bind("st=" + nested(34)), "");
  m.Clear();
  // By itself such a Value could be parsed; a message with it could not.
  const std::string lists = std::string(50, '[') + "1" + std::string(50, ']');
  EXPECT_EQ(bind("val=" + lists), "parameter 'val': nested deeper than 100 messages");
  EXPECT_EQ(bind_path("val", lists), "path variable 'val': nested deeper than 100 messages");
  EXPECT_EQ(bind_path("val", lists.substr(1, lists.size() - 2)), "");
}

}  // namespace
}  // namespace brontes
