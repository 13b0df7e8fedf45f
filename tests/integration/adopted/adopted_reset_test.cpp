// A caller that takes its call to an adopted service back before it has sent the request.
#include "../runtime/raw_http2.hpp"
#include "adopted_world.hpp"

namespace brontes::testing {
namespace {

struct AdoptedCallWithoutRequest : ::testing::TestWithParam<Way> {
  AdoptedWorld world{GetParam().callback};
  const Speaker caller{world.door->port()};
  const std::string path = GetParam().kind == Kind::kUnary ? "/brontes.parlour.Parlour/Say"
                                                           : "/brontes.parlour.Parlour/Countdown";
};

INSTANTIATE_TEST_SUITE_P(OneRequest, AdoptedCallWithoutRequest,
                         ::testing::Values(Way{false, Kind::kUnary},
                                           Way{false, Kind::kServerStream}, Way{true, Kind::kUnary},
                                           Way{true, Kind::kServerStream}),
                         name_of_way);

TEST_P(AdoptedCallWithoutRequest, ThatIsResetIsCancelledAndReachesNoHandler) {
  caller.say(http2_greeting() + call_headers(path) + call_reset());
  EXPECT_EQ(
      world.diary.wait_for("outer done"),
      (Entries{"outer headers", "inner headers", "inner done CANCELLED", "outer done CANCELLED"}));
}

TEST_P(AdoptedCallWithoutRequest, ThatEndsThereIsAnError) {
  caller.say(http2_greeting() + call_headers(path, "", kEndHeaders | kEndStream));
  EXPECT_EQ(world.diary.entry("outer done"), "outer done INTERNAL");
}

}  // namespace
}  // namespace brontes::testing
