#include <gtest/gtest.h>

#include <brontes/gateway/detail/json_scalar.hpp>
#include <cmath>

namespace brontes::detail {
namespace {

TEST(JsonNumber, IntegersMayBeWrittenAsDecimals) {
  EXPECT_EQ(integer_from_json<std::int32_t>("1e2"), 100);
  EXPECT_EQ(integer_from_json<std::int32_t>("5.0"), 5);
  EXPECT_EQ(integer_from_json<std::int32_t>("120e-1"), 12);
  EXPECT_EQ(integer_from_json<std::int32_t>("-0"), 0);
  EXPECT_EQ(integer_from_json<std::int32_t>("0e99999999999999999999"), 0);
}

TEST(JsonNumber, IntegersAreExactToTheirLimits) {
  EXPECT_EQ(integer_from_json<std::int64_t>("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(integer_from_json<std::uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(integer_from_json<std::int64_t>("9007199254740993.0"), 9007199254740993);
  EXPECT_FALSE(integer_from_json<std::int64_t>("9223372036854775808"));
  EXPECT_FALSE(integer_from_json<std::int64_t>("-9223372036854775809"));
  EXPECT_FALSE(integer_from_json<std::uint64_t>("18446744073709551616"));
  EXPECT_FALSE(integer_from_json<std::uint32_t>("-1"));
}

TEST(JsonNumber, RefusesFractionsHugeExponentsAndOtherTexts) {
  for (const char* text : {"5.5", "1e-1", "1e400", "1e99999999999999999999", "", " 5", "5 ", "+5",
                           "010", "0x10", "5.", ".5", "1e", "-", "NaN"})
    EXPECT_FALSE(integer_from_json<std::int32_t>(text)) << text;
  EXPECT_FALSE(integer_from_json<std::int64_t>(std::string(100'000, '9')));
}

TEST(JsonNumber, DoublesKnowTheirSpecialNames) {
  EXPECT_TRUE(std::isnan(*double_from_json("NaN")));
  EXPECT_EQ(double_from_json("-Infinity"), -HUGE_VAL);
  EXPECT_FALSE(double_from_json("inf"));
}

TEST(JsonNumber, DoublesOverflowToAnErrorAndUnderflowToZero) {
  EXPECT_FALSE(double_from_json("1e400"));
  EXPECT_EQ(double_from_json("1e-400"), 0.0);
}

}  // namespace
}  // namespace brontes::detail
