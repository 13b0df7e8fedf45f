#include <gtest/gtest.h>
#include <brontes/tools/cli/health_watch.hpp>

namespace brontes::cli {
namespace {

EndpointHealth asked(const Expected<std::string>& answer) {
  return judge({.address = "a:1", .state = "ready"}, answer);
}

TEST(HealthWatch, AnEndpointThatCannotBeAskedIsWhatTheChannelThinksOfIt) {
  const EndpointHealth health =
      judge({.address = "a:1", .state = "drained", .why = "its record says so"}, std::nullopt);
  EXPECT_EQ(health, (EndpointHealth{"a:1", "drained", "its record says so"}));
}

TEST(HealthWatch, BelievesWhatAnEndpointSaysOfItself) {
  EXPECT_EQ(asked("\x08\x01"), (EndpointHealth{"a:1", "serving", ""}));
  EXPECT_EQ(asked("\x08\x02").verdict, "not serving");
  EXPECT_EQ(asked("").verdict, "not serving") << "UNKNOWN";
}

TEST(HealthWatch, TellsSilenceFromRefusalFromHavingNothingToSay) {
  EXPECT_EQ(asked(fail(Errc::kDeadlineExceeded, "late")).verdict, "silent");
  EXPECT_EQ(asked(fail(Errc::kUnavailable, "gone")),
            (EndpointHealth{"a:1", "not serving", "UNAVAILABLE: gone"}));
  EXPECT_EQ(asked(fail(Errc::kUnimplemented, "")).verdict, "serving");
}

}  // namespace
}  // namespace brontes::cli
