#include <gtest/gtest.h>

#include <brontes/gateway/percent.hpp>

namespace brontes {
namespace {

TEST(Percent, DecodesOnce) { EXPECT_EQ(percent_decode("%2525"), "%25"); }

TEST(Percent, PlusIsABlankInFormsOnly) {
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(form_decode("a+b%2B"), "a b+");
}

TEST(Percent, KeptEscapesStayAsWritten) {
  EXPECT_EQ(percent_decode("a%2fb%20c", Keep::kSlash), "a%2fb c");
  EXPECT_EQ(percent_decode("a%3Ab%41", Keep::kReserved), "a%3AbA");
}

TEST(Percent, RefusesCutAndMalformedEscapes) {
  for (const char* text : {"%", "%2", "%zz", "a%2", "%%20"})
    EXPECT_FALSE(percent_decode(text)) << text;
  EXPECT_EQ(percent_decode("ab%g0").error().message(),
            "byte 2: '%' is not followed by two hexadecimal digits");
}

TEST(Percent, FormKeepsOrderAndSkipsPairsWithoutAName) {
  const auto pairs = parse_form("a=1&&b&=x&a=2%26&");
  ASSERT_TRUE(pairs);
  EXPECT_EQ(*pairs, (FormPairs{{"a", "1"}, {"b", ""}, {"a", "2&"}}));
}

TEST(Percent, FormRefusesSemicolons) { EXPECT_FALSE(parse_form("a=1;b=2")); }

TEST(Utf8, TakesTheEdgesOfEachLength) {
  for (const char* text : {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                           "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(is_utf8(text)) << text;
}

TEST(Utf8, RefusesOverlongSurrogatesAndCutSequences) {
  for (const char* text :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xc3(", "\xff"})
    EXPECT_FALSE(is_utf8(text)) << text;
}

}  // namespace
}  // namespace brontes
