// Reactions of a callback service that throw: the call ends once for everybody, and the server too.
#include "adopted_world.hpp"

namespace brontes::testing {
namespace {

struct Throwing {
  Kind kind;
  const char* reaction;
};

struct AdoptedReactions : ::testing::TestWithParam<Throwing> {
  AdoptedWorld world{true};

  Heard call(const std::map<std::string, std::string>& more = {}) {
    auto metadata = more;
    metadata["x-do"] = std::string("throw-in-") + GetParam().reaction;
    return world.call(GetParam().kind, metadata);
  }
  /// What the diary says of the end, when the call has ended for everybody.
  int count_after_end(const std::string& text) {
    world.diary.wait_for("outer done");
    world.diary.wait_for("gone");
    world.door->drain();
    world.door->wait();
    EXPECT_EQ(world.door->calls_in_flight(), 0u);
    const Entries all = world.diary.wait_for("outer done");
    return static_cast<int>(std::count(all.begin(), all.end(), text));
  }
};

std::string name_of_throwing(const ::testing::TestParamInfo<Throwing>& info) {
  return name_of_way({{true, info.param.kind}, 0}) + "_" + info.param.reaction;
}

constexpr Kind kU = Kind::kUnary, kS = Kind::kServerStream, kC = Kind::kClientStream,
               kB = Kind::kBidi;

using BeforeTheAnswer = AdoptedReactions;
INSTANTIATE_TEST_SUITE_P(All, BeforeTheAnswer,
                         ::testing::Values(Throwing{kU, "headers"}, Throwing{kS, "headers"},
                                           Throwing{kC, "headers"}, Throwing{kB, "headers"},
                                           Throwing{kC, "read"}, Throwing{kB, "read"},
                                           Throwing{kC, "end"}, Throwing{kS, "write"},
                                           Throwing{kB, "write"}),
                         name_of_throwing);

TEST_P(BeforeTheAnswer, AThrowEndsTheCallWithAnIncident) {
  const Heard heard = call();
  EXPECT_EQ(heard.status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_TRUE(heard.status.error_message().starts_with("internal error, incident "))
      << heard.status.error_message();
  EXPECT_EQ(count_after_end("inner done INTERNAL"), 1);
  EXPECT_EQ(count_after_end("outer done INTERNAL"), 1);
  EXPECT_EQ(count_after_end("threw"), 1);
  EXPECT_EQ(count_after_end("gone"), 1);
}

TEST_P(BeforeTheAnswer, AReactorMayStillFinish) {
  EXPECT_EQ(call({{"x-then", "finish"}}).status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(count_after_end("outer done INTERNAL"), 1);
  EXPECT_EQ(count_after_end("left"), 1) << "it is told that the call was cut off";
  EXPECT_EQ(count_after_end("gone"), 1);
}

using InTheCancel = AdoptedReactions;
INSTANTIATE_TEST_SUITE_P(All, InTheCancel,
                         ::testing::Values(Throwing{kU, "cancel"}, Throwing{kS, "cancel"},
                                           Throwing{kC, "cancel"}, Throwing{kB, "cancel"}),
                         name_of_throwing);

TEST_P(InTheCancel, AThrowEndsTheCallOnce) {
  EXPECT_EQ(call().status.error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(count_after_end("inner done INTERNAL"), 1);
  EXPECT_EQ(count_after_end("outer done INTERNAL"), 1);
  EXPECT_EQ(count_after_end("threw"), 1);
  EXPECT_EQ(count_after_end("gone"), 1);
}

using AfterTheAnswer = AdoptedReactions;
INSTANTIATE_TEST_SUITE_P(All, AfterTheAnswer,
                         ::testing::Values(Throwing{kU, "done"}, Throwing{kS, "done"},
                                           Throwing{kC, "done"}, Throwing{kB, "done"}),
                         name_of_throwing);

TEST_P(AfterTheAnswer, AThrowChangesNothing) {
  EXPECT_TRUE(call().status.ok());
  EXPECT_EQ(count_after_end("inner done OK"), 1);
  EXPECT_EQ(count_after_end("outer done OK"), 1);
  EXPECT_EQ(count_after_end("gone"), 1);
}

// The reaction that gRPC is about to call when it learns that the caller has gone.
using AfterACancel = AdoptedReactions;
INSTANTIATE_TEST_SUITE_P(All, AfterACancel,
                         ::testing::Values(Throwing{kC, "end"}, Throwing{kB, "end"}),
                         name_of_throwing);

TEST_P(AfterACancel, AReadThatThrowsEndsTheCallOnce) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kHang);
  context.AddMetadata("x-do", "throw-in-end");
  if (GetParam().kind == kC) {
    Answer answer;
    const auto stream = world.stub->Collect(&context, &answer);
    world.diary.wait_for("inner headers");
    context.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  } else {
    const auto stream = world.stub->Chat(&context);
    world.diary.wait_for("inner headers");
    context.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  EXPECT_EQ(count_after_end("inner done INTERNAL"), 1);
  EXPECT_EQ(count_after_end("outer done INTERNAL"), 1);
  EXPECT_EQ(count_after_end("threw"), 1);
  EXPECT_EQ(count_after_end("gone"), 1);
}

}  // namespace
}  // namespace brontes::testing
