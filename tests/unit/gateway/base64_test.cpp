#include <gtest/gtest.h>

#include <brontes/gateway/detail/base64.hpp>

namespace brontes::detail {
namespace {

std::string encoded(std::string_view bytes) {
  std::string out;
  append_base64(bytes, out);
  return out;
}

TEST(Base64, EncodesTheVectorsOfRfc4648) {
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
}

TEST(Base64, TakesBothAlphabetsAndOptionalPadding) {
  EXPECT_EQ(decode_base64("aGk="), "hi");
  EXPECT_EQ(decode_base64("aGk"), "hi");
  EXPECT_EQ(decode_base64("-_-_"), decode_base64("+/+/"));
}

TEST(Base64, RefusesMixedAlphabetsBlanksAndBadLengths) {
  for (const char* text : {"-/+_", "aG k", "aGk\n", "a", "aGk==", "=", "!!"})
    EXPECT_FALSE(decode_base64(text)) << text;
}

TEST(Base64, StricterKindsRefuseWhatLooseTakes) {
  EXPECT_FALSE(decode_base64("aGk", Base64::kPadded));
  EXPECT_FALSE(decode_base64("-_-_", Base64::kStandard));
  EXPECT_TRUE(decode_base64("aGk", Base64::kStandard));
}

TEST(Base64, EveryByteSurvives) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(i);
    EXPECT_EQ(decode_base64(encoded(bytes)), bytes);
  }
}

}  // namespace
}  // namespace brontes::detail
