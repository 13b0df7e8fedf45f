#include <gtest/gtest.h>

#include <brontes/gateway/detail/json_split.hpp>
#include <string>
#include <vector>

namespace brontes::detail {
namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> values;
  for (std::size_t used = 0;; text.remove_prefix(used)) {
    const auto value = next_json_value(text, used);
    if (value.empty()) return values;
    values.emplace_back(value);
  }
}

using Values = std::vector<std::string>;

TEST(JsonSplit, CutsBetweenValues) {
  EXPECT_EQ(split(R"({"a":[{}]}{"b":1} [2]
"x" 5 true)"),
            (Values{R"({"a":[{}]})", R"({"b":1})", "[2]", R"("x")", "5", "true"}));
  EXPECT_EQ(split(" \n"), Values());
}

TEST(JsonSplit, BracketsAndQuotesInStringsDoNotCount) {
  EXPECT_EQ(split(R"({"a":"}\"{"}{})"), (Values{R"({"a":"}\"{"})", "{}"}));
}

TEST(JsonSplit, WhatIsCutOffIsHandedOnWhole) {
  EXPECT_EQ(split("{\"a\":1}{bad"), (Values{"{\"a\":1}", "{bad"}));
  EXPECT_EQ(split("\"\\"), (Values{"\"\\"}));
  EXPECT_EQ(split("}"), (Values{"}"}));
}

}  // namespace
}  // namespace brontes::detail
