// A caller that takes its call back before it has sent the request.
#include "grpc_world.hpp"
#include "raw_http2.hpp"

namespace brontes::testing {
namespace {

struct CallWithoutRequest : ::testing::TestWithParam<const char*> {
  GrpcWorld world;
  const Speaker caller{world.door->port()};
};

INSTANTIATE_TEST_SUITE_P(OneRequest, CallWithoutRequest, ::testing::Values("Say", "Countdown"),
                         [](const auto& info) { return std::string(info.param); });

std::string path(const std::string& method) { return "/brontes.testing.Echo/" + method; }

TEST_P(CallWithoutRequest, ThatIsResetIsCancelled) {
  caller.say(http2_greeting() + call_headers(path(GetParam())) + call_reset());
  ASSERT_TRUE(world.recorder->wait_done(1));
  EXPECT_EQ(world.recorder->ended_with(Errc::kCancelled), 1);
}

TEST_P(CallWithoutRequest, WhoseRequestBreaksOffIsCancelled) {
  const std::string part = frame(Frame::kData, 0, 1, std::string("\0\0\0\0\x09\x0a\x07", 7));
  caller.say(http2_greeting() + call_headers(path(GetParam())) + part + call_reset());
  ASSERT_TRUE(world.recorder->wait_done(1));
  EXPECT_EQ(world.recorder->ended_with(Errc::kCancelled), 1);
}

TEST_P(CallWithoutRequest, ThatEndsThereIsAnError) {
  caller.say(http2_greeting() + call_headers(path(GetParam()), "", kEndHeaders | kEndStream));
  ASSERT_TRUE(world.recorder->wait_done(1));
  EXPECT_EQ(world.recorder->ended_with(Errc::kInternal), 1);
}

TEST(ConnectionOfACallWithoutRequest, ThatBreaksCancelsTheCall) {
  GrpcWorld world;
  {
    const Speaker caller(world.door->port());
    caller.say(http2_greeting() + call_headers(path("Say")));
  }
  ASSERT_TRUE(world.recorder->wait_done(1));
  EXPECT_EQ(world.recorder->ended_with(Errc::kCancelled), 1);
}

}  // namespace
}  // namespace brontes::testing
