#include <gtest/gtest.h>

#include <brontes/gateway/detail/time_text.hpp>

namespace brontes::detail {
namespace {

std::string timestamp(std::int64_t seconds, std::int32_t nanos) {
  std::string out;
  return append_timestamp({seconds, nanos}, out) ? out : "none";
}
std::string duration(std::int64_t seconds, std::int32_t nanos) {
  std::string out;
  return append_duration({seconds, nanos}, out) ? out : "none";
}

TEST(TimeText, TimestampsReadBackAsTheyWereWritten) {
  for (const char* text :
       {"1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "2020-02-29T23:59:59.100Z",
        "9999-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.000001Z"}) {
    const auto read = timestamp_from_text(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(timestamp(read->seconds, read->nanos), text);
  }
}

TEST(TimeText, TimestampsTakeOffsets) {
  EXPECT_EQ(timestamp_from_text("2020-01-02T03:04:05+02:00")->seconds,
            timestamp_from_text("2020-01-02T01:04:05Z")->seconds);
}

TEST(TimeText, RefusesWhatIsNoTimestamp) {
  for (const char* text :
       {"", "2020-01-02", "0000-01-01T00:00:00Z", "2020-02-30T00:00:00Z", "2020-01-02T24:00:00Z",
        "2020-01-02T00:00:60Z", "2020-01-02t00:00:00z", "2020-01-02T00:00:00",
        "2020-01-02T00:00:00.Z", "2020-01-02T00:00:00 02:00", "2020-01-02T00:00:00.1234567890Z",
        "0001-01-01T00:00:00+01:00", "2020-01-02T00:00:00Zx"})
    EXPECT_FALSE(timestamp_from_text(text)) << text;
  EXPECT_EQ(timestamp(253402300800, 0), "none");
  EXPECT_EQ(timestamp(0, -1), "none");
}

TEST(TimeText, DurationsReadBackAsTheyWereWritten) {
  for (const char* text : {"0s", "1.500s", "-1.000000001s", "315576000000s", "-0.000001s"}) {
    const auto read = duration_from_text(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(duration(read->seconds, read->nanos), text);
  }
}

TEST(TimeText, RefusesWhatIsNoDuration) {
  for (const char* text : {"", "1", "s", "1m", "1.s", "315576000001s", "315576000000.1s",
                           "1.0000000001s", "+1s", "1s "})
    EXPECT_FALSE(duration_from_text(text)) << text;
  EXPECT_EQ(duration(1, -1), "none");
}

TEST(TimeText, QueriesTakeDurationsWithUnits) {
  EXPECT_EQ(duration_from_units("1h30m")->seconds, 5400);
  EXPECT_EQ(duration_from_units("1.5s")->nanos, 500'000'000);
  EXPECT_EQ(duration_from_units("-300ms")->nanos, -300'000'000);
  for (const char* text : {"", "3", "1d", "h", "99999999999999h"})
    EXPECT_FALSE(duration_from_units(text)) << text;
}

TEST(TimeText, MaskPathsChangeTheirCase) {
  EXPECT_EQ(mask_path_from_json("fooBar.baz"), "foo_bar.baz");
  EXPECT_EQ(mask_path_to_json("foo_bar.baz"), "fooBar.baz");
  EXPECT_FALSE(mask_path_from_json("foo_bar"));
  EXPECT_FALSE(mask_path_to_json("fooBar"));
  EXPECT_FALSE(mask_path_to_json("foo_"));
}

}  // namespace
}  // namespace brontes::detail
