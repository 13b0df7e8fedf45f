#include <gtest/gtest.h>
#include <brontes/actors/status.hpp>

namespace brontes {
namespace {

TEST(Status, DefaultIsOk) {
  const Status status;
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(status.to_string(), "OK");
}

TEST(Status, ReadsAsCodeAndText) {
  EXPECT_EQ(Status(Errc::kUnavailable, "connect a:1: refused").to_string(),
            "UNAVAILABLE: connect a:1: refused");
}

TEST(Status, EveryCodeIsFoundByItsName) {
  for (int code = 0; code <= 16; ++code) {
    const auto errc = static_cast<Errc>(code);
    EXPECT_EQ(errc_from_name(to_string(errc)), errc);
  }
  EXPECT_EQ(errc_from_name("NO_SUCH_CODE"), Errc::kUnknown);
}

TEST(Expected, HoldsTheReasonWhenThereIsNoValue) {
  const Expected<int> none = fail(Errc::kNotFound, "no key a");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), Errc::kNotFound);
}

}  // namespace
}  // namespace brontes
