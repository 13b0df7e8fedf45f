// What holds for functions and for actors, on threads and without.
#include "world.hpp"

namespace brontes::testing {
namespace {

struct EveryHandler : ::testing::TestWithParam<Served> {
  World world{GetParam()};
};
std::string name_of(const ::testing::TestParamInfo<Served>& served) {
  const char* names[] = {"Functions", "ActorScripted", "ActorPool", "ActorInPlace"};
  return names[static_cast<int>(served.param)];
}
INSTANTIATE_TEST_SUITE_P(Served, EveryHandler,
                         ::testing::Values(Served::kFunctions, Served::kActorScripted,
                                           Served::kActorPool, Served::kActorInPlace),
                         name_of);

TEST_P(EveryHandler, AnswersUnaryCalls) {
  const auto answer = world.say("ada");
  ASSERT_TRUE(answer) << answer.error().to_string();
  EXPECT_EQ(answer->text(), "hello ada");
}

TEST_P(EveryHandler, AnswersWithItsOwnStatus) {
  const auto answer = world.say("");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error(), Status(Errc::kInvalidArgument, "name is empty", "DETAILS"));
}

TEST_P(EveryHandler, ThatIsMissingIsUnimplemented) {
  const auto answer = world.door.call<Echo::Missing>({});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), Errc::kUnimplemented);
  EXPECT_NE(answer.error().message().find("/brontes.testing.Echo/Missing"), std::string::npos);
}

TEST_P(EveryHandler, HidesTheCauseOfAnException) {
  const auto answer = world.say("throw");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), Errc::kInternal);
  EXPECT_NE(answer.error().message().find("incident"), std::string::npos);
  EXPECT_EQ(answer.error().message().find("secret"), std::string::npos);
}

TEST_P(EveryHandler, IsNotReachedByARefusedCall) {
  auto call = world.start("ada", 0, {.metadata = {{"x-refuse", "recorder"}}});
  EXPECT_EQ(call.status(), Status(Errc::kUnauthenticated, "no", "DETAILS"));
  EXPECT_EQ(call.trailer("x-why"), "token");
  EXPECT_EQ(world.code_of("forbidden"), Errc::kPermissionDenied);
  EXPECT_EQ(world.seen.said, 0);
}

TEST_P(EveryHandler, StreamsReplies) {
  auto call = world.door.start<Echo::Countdown>(World::ask("", 1000));
  for (int expected = 1000; expected > 0; --expected) {
    const auto answer = call.next_reply();
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->index(), expected);
  }
  EXPECT_FALSE(call.next_reply());
  EXPECT_TRUE(call.status().ok());
}

TEST_P(EveryHandler, EndsAReplyStreamWithAnError) {
  auto call = world.door.start<Echo::Countdown>(World::ask("", -1));
  EXPECT_EQ(call.status().code(), Errc::kOutOfRange);
}

TEST_P(EveryHandler, EndsAReplyStreamThatThrowsAfterTheRepliesBefore) {
  auto call = world.door.start<Echo::Countdown>(World::ask("throw", 3));
  EXPECT_EQ(call.next_reply()->index(), 3);
  EXPECT_EQ(call.next_reply()->index(), 2);
  EXPECT_FALSE(call.next_reply());
  EXPECT_EQ(call.status().code(), Errc::kInternal);
}

TEST_P(EveryHandler, ProducesNothingThatNobodyReads) {
  auto call = world.door.start<Echo::Countdown>(World::ask("", 1'000'000), {.eager = false});
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(call.next_reply());
  EXPECT_LE(world.seen.produced, 100 + Call::kWindow);
}

TEST_P(EveryHandler, TakesARequestStream) {
  auto call = world.door.start<Echo::Collect>();
  for (int i = 0; i < 100; ++i) call.send(World::ask("x"));
  call.half_close();
  const auto answer = call.next_reply();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->index(), 100);
  EXPECT_TRUE(call.status().ok());
}

TEST_P(EveryHandler, MayEndARequestStreamEarly) {
  auto call = world.door.start<Echo::Collect>();
  call.send(World::ask("stop"));
  EXPECT_EQ(call.status().code(), Errc::kAborted);
  call.send(World::ask("late"));
  EXPECT_EQ(world.seen.taken, 1);
}

TEST_P(EveryHandler, ConversesInBothDirections) {
  auto call = world.door.start<Echo::Chat>();
  for (int i = 0; i < 50; ++i) {
    call.send(World::ask("x" + std::to_string(i), 2));
    ASSERT_EQ(call.next_reply()->text(), "x" + std::to_string(i));
    ASSERT_EQ(call.next_reply()->index(), 1);
  }
  call.half_close();
  EXPECT_EQ(call.next_reply()->text(), "bye");
  EXPECT_FALSE(call.next_reply());
  EXPECT_TRUE(call.status().ok());
}

TEST_P(EveryHandler, SendsRepliesMadeBeforeAnErrorFirst) {
  auto call = world.door.start<Echo::Chat>();
  call.send(World::ask("stop", 40));
  for (int i = 0; i < 40; ++i) ASSERT_EQ(call.next_reply()->index(), i);
  EXPECT_EQ(call.status().code(), Errc::kAborted);
}

TEST_P(EveryHandler, ReadsNoRequestAheadOfASlowReader) {
  auto call = world.door.start<Echo::Chat>({.eager = false});
  for (int i = 0; i < 200; ++i) call.send(World::ask("x", 10));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(call.next_reply());
  // 10 requests are answered; the window holds the replies of no more than two further ones.
  EXPECT_LE(world.seen.taken, 10 + Call::kWindow / 10 + 1);
}

TEST_P(EveryHandler, StopsAStreamThatIsCancelled) {
  for (int before : {0, 1, 7, 40}) {
    auto call = world.door.start<Echo::Countdown>(World::ask("", 1'000'000), {.eager = false});
    for (int i = 0; i < before; ++i) ASSERT_TRUE(call.next_reply());
    call.cancel();
    EXPECT_EQ(call.status().code(), Errc::kCancelled);
  }
  EXPECT_EQ(world.recorder->undelivered(), 4);
  EXPECT_EQ(world.recorder->done, 4);
}

TEST_P(EveryHandler, StopsWaitingForRequestsWhenCancelled) {
  auto collect = world.door.start<Echo::Collect>();
  auto chat = world.door.start<Echo::Chat>();
  collect.cancel();
  chat.cancel();
  EXPECT_EQ(collect.status().code(), Errc::kCancelled);
  EXPECT_EQ(chat.status().code(), Errc::kCancelled);
}

}  // namespace
}  // namespace brontes::testing
