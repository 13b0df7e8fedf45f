// How deep JSON may be: exactly as deep as the options say, whatever the levels are made of.
#include <gtest/gtest.h>

#include <brontes/gateway/json_reader.hpp>
#include <brontes/gateway/json_writer.hpp>

#include "testsvc.pb.h"

namespace brontes {
namespace {

using gwtest::v1::Everything;

JsonOptions at_most(int depth) {
  JsonOptions options;
  options.print_unset = false;
  options.max_depth = depth;
  return options;
}

struct Nested {
  const char* text;
  int depth;
};

// What the text nests: messages, lists, maps; members that nobody knows; free-form values; Any.
constexpr Nested kMessages[] = {{R"({"inner":{"child":{"child":{}}}})", 4}};
constexpr Nested kManyFields[] = {{R"({"items":[{"tags":[]}]})", 4}, {R"({"inners":{"k":{}}})", 3}};
constexpr Nested kUnknown[] = {{R"({"nope":[]})", 2},
                               {R"({"nope":{}})", 2},
                               {R"({"nope":[[]]})", 3},
                               {R"({"nope":[{}]})", 3},
                               {R"({"nope":{"a":{}}})", 3},
                               {R"({"nope":{"a":[]}})", 3},
                               {R"({"nope":{"a":[{}]},"tags":[]})", 4}};
constexpr Nested kValues[] = {
    {R"({"val":[{"a":[]}]})", 4}, {R"({"st":{"a":{"b":[1]}}})", 4}, {R"({"list":[[{}]]})", 4}};
constexpr Nested kAnys[] = {
    {R"({"any":{"@type":"a/gwtest.v1.Small","inner":{}}})", 3},
    {R"({"any":{"@type":"a/gwtest.v1.Inner","child":{"child":{}}}})", 4},
    {R"({"any":{"@type":"a/google.protobuf.Value","value":{"a":[]}}})", 4},
    {R"({"any":{"@type":"a/google.protobuf.ListValue","value":[[]]}})", 4},
    {R"({"any":{"@type":"a/google.protobuf.Any","value":{"@type":"a/gwtest.v1.Inner","child":{}}}})",
     4}};

template <class F>
void for_each_nested(F f) {
  for (const Nested& nested : kMessages) f(nested);
  for (const Nested& nested : kValues) f(nested);
  for (const Nested& nested : kAnys) f(nested);
}

void expect_read_to_its_depth_alone(const Nested& nested) {
  Everything deep_enough, too_deep;
  const Status good = read_json(nested.text, at_most(nested.depth), deep_enough);
  EXPECT_TRUE(good.ok()) << nested.text << ": " << good.message();
  const Status bad = read_json(nested.text, at_most(nested.depth - 1), too_deep);
  EXPECT_TRUE(bad.message().ends_with("nested too deep")) << nested.text << bad.message();
}

TEST(JsonDepth, OfReadingCountsEveryBracket) {
  for_each_nested(expect_read_to_its_depth_alone);
  for (const Nested& nested : kManyFields) expect_read_to_its_depth_alone(nested);
  for (const Nested& nested : kUnknown) expect_read_to_its_depth_alone(nested);
}

TEST(JsonDepth, OfReadingStartsAnewWithEachMember) {
  Everything m;
  EXPECT_TRUE(read_json(R"({"nope":[[]],"val":[[]],"any":{},"inner":{"child":{}},"list":[[]]})",
                        at_most(3), m)
                  .ok());
}

TEST(JsonDepth, OfWritingCountsMessages) {
  for_each_nested([](const Nested& nested) {
    Everything m;
    ASSERT_TRUE(read_json(nested.text, at_most(10), m).ok()) << nested.text;
    std::string out;
    const Status good = write_json(m, at_most(nested.depth), out);
    EXPECT_TRUE(good.ok()) << nested.text << ": " << good.message();
    EXPECT_EQ(write_json(m, at_most(nested.depth - 1), out).code(), Errc::kInternal) << nested.text;
  });
}

TEST(JsonDepth, IsAHundredUnlessToldOtherwise) {
  const auto text = [](int depth) {
    std::string text = R"({"inner":)";
    for (int i = 2; i < depth; ++i) text += R"({"child":)";
    return text + "{}" + std::string(static_cast<std::size_t>(depth) - 1, '}');
  };
  Everything m;
  for (const JsonOptions& options : {JsonOptions::hephfx(), JsonOptions::proto3()}) {
    EXPECT_TRUE(read_json(text(100), options, m).ok());
    EXPECT_FALSE(read_json(text(101), options, m).ok());
  }
}

std::string repeated(int times, const std::string& text) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

/// `open` again and again around the middle.
std::string nest(const std::string& head, int times, const std::string& open,
                 const std::string& middle, const std::string& close, const std::string& tail) {
  return "{" + head + repeated(times, open) + middle + repeated(times, close) + tail + "}";
}

// Whoever gets the message may send it on: gRPC, and every other parser of protobuf, takes it.
TEST(JsonDepth, OfWhatIsReadIsWhatProtobufParses) {
  struct {
    const char *head, *open, *middle, *close, *tail = "";
  } const kShapes[] = {
      {R"("inner":)", R"({"child":)", "{}", "}"},
      {R"("items":[)", R"({"child":)", "{}", "}", "]"},
      {R"("inners":{"k":)", R"({"child":)", "{}", "}", "}"},
      {R"("val":)", "[", "[]", "]"},
      {R"("val":)", R"([{"a":)", "1", "}]"},
      {R"("st":)", R"({"a":)", "{}", "}"},
      {R"("list":)", "[", "[]", "]"},
  };
  JsonOptions options = at_most(1000);
  for (const auto& [head, open, middle, close, tail] : kShapes) {
    int read = 0;
    for (int times = 1; times <= 120; ++times) {
      Everything m, again;
      const Status status = read_json(nest(head, times, open, middle, close, tail), options, m);
      EXPECT_EQ(status.ok(), again.ParseFromString(m.SerializeAsString())) << head << times;
      if (status.ok())
        read = times;
      else
        EXPECT_EQ(status.message(), "nested deeper than 100 messages");
    }
    EXPECT_GT(read, 10) << head;
    EXPECT_LT(read, 120) << head;
  }
}

TEST(JsonDepth, OfAnAnyIsThatOfWhatItPacks) {
  const auto read = [](int objects) {
    Everything m;
    return read_json(R"({"any":{"@type":"a/google.protobuf.Struct","value":)" +
                         repeated(objects, R"({"a":)") + "1" + repeated(objects, "}") + "}}",
                     at_most(1000), m);
  };
  EXPECT_TRUE(read(33).ok()) << read(33).message();
  EXPECT_EQ(read(34).message(), "any: nested deeper than 100 messages");
}

TEST(JsonDepth, OfAFieldAloneIsItsOwn) {
  const auto& inner = *Everything::descriptor()->FindFieldByName("inner");
  Everything m;
  EXPECT_TRUE(read_json_field(R"({"child":{}})", at_most(2), m, inner).ok());
  EXPECT_FALSE(read_json_field(R"({"child":{}})", at_most(1), m, inner).ok());
}

}  // namespace
}  // namespace brontes
