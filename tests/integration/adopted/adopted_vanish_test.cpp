// Clients of adopted services that vanish in the middle of a call.
#include <future>

#include "../runtime/vanishing_channel.hpp"
#include "adopted_world.hpp"

namespace brontes::testing {
namespace {

/// Enters each request that comes in.
class Arrivals final : public MessageInterceptor {
 public:
  explicit Arrivals(Diary& diary) : diary_(diary) {}
  const char* name() const override { return "arrivals"; }
  Status on_received(Call&, const Message&) override {
    diary_.note("received");
    return {};
  }

 private:
  Diary& diary_;
};

struct VanishingClient : ::testing::TestWithParam<Way> {
  Diary arrivals;
  AdoptedWorld world{GetParam().callback, {}, {std::make_shared<Arrivals>(arrivals)}};
  VanishingChannel channel{world.door->port()};
  std::unique_ptr<Parlour::Stub> stub = Parlour::NewStub(*channel);
  std::promise<void> middle;

  /// Gets to the middle of a call that its handler will not end, and stays there.
  grpc::Status call() {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kHang);
    context.AddMetadata("x-do", "wait");
    Ask ask;
    ask.set_count(1);
    Answer answer;
    switch (GetParam().kind) {
      case Kind::kUnary:
        middle.set_value();
        return stub->Say(&context, ask, &answer);
      case Kind::kServerStream:
        return read_on(*stub->Countdown(&context, ask));
      case Kind::kClientStream: {
        const auto stream = stub->Collect(&context, &answer);
        EXPECT_TRUE(stream->Write(ask));
        middle.set_value();
        return stream->Finish();
      }
      case Kind::kBidi: {
        const auto stream = stub->Chat(&context);
        EXPECT_TRUE(stream->Write(ask));
        return read_on(*stream);
      }
    }
    return {};
  }

  template <class Stream>
  grpc::Status read_on(Stream& stream) {
    Answer answer;
    EXPECT_TRUE(stream.Read(&answer));
    middle.set_value();
    EXPECT_FALSE(stream.Read(&answer));
    return stream.Finish();
  }
};

INSTANTIATE_TEST_SUITE_P(Every, VanishingClient, every_way(), name_of_way);

TEST_P(VanishingClient, IsLearntByTheHandlerAndEndsTheCallOnce) {
  auto called = std::async(std::launch::async, [this] { return call(); });
  middle.get_future().wait();
  arrivals.wait_for("received");
  // The others wait for a request of an open stream.
  if (has_one_request(GetParam().kind)) world.diary.wait_for("handler");
  channel.vanish();
  world.diary.wait_for("left");
  world.diary.wait_for("outer done");
  EXPECT_EQ(called.get().error_code(), grpc::StatusCode::UNAVAILABLE);
  world.door->drain();
  world.door->wait();
  EXPECT_EQ(world.door->calls_in_flight(), 0u);
  const Entries all = world.diary.wait_for("outer done");
  EXPECT_EQ(std::count(all.begin(), all.end(), "left"), 1);
  EXPECT_EQ(std::count(all.begin(), all.end(), "inner done CANCELLED"), 1);
  EXPECT_EQ(std::count(all.begin(), all.end(), "outer done CANCELLED"), 1);
}

}  // namespace
}  // namespace brontes::testing
