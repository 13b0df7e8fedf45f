// How a gRPC door opens and closes: ports, reflection, drain.

#include <future>

#include "grpc_world.hpp"
#include "reflection_client.hpp"

namespace brontes::testing {
namespace {

std::string error_of(GrpcDoorOptions options) {
  const MethodTable table;
  const auto opened = GrpcDoor::open(table, std::move(options));
  return opened ? "" : opened.error().to_string();
}

TEST(GrpcPort, InUseIsSaidInOneLine) {
  const GrpcWorld first;
  GrpcDoorOptions options;
  options.address = first.target();
  EXPECT_EQ(error_of(options),
            "UNAVAILABLE: listen " + first.target() + ": address already in use");
}

TEST(GrpcPort, WhatIsNoAddressIsRefused) {
  for (const char* address : {"nonsense", "127.0.0.1:99999", "127.0.0.1", "[::1:80"}) {
    GrpcDoorOptions options;
    options.address = address;
    EXPECT_NE(error_of(options).find(address), std::string::npos) << error_of(options);
  }
}

TEST(GrpcPort, AServiceRegisteredTwiceIsAnErrorNotAnAbort) {
  Echo::Service stock;
  auto options = on_any_port();
  options.customise = [&](grpc::ServerBuilder& builder) {
    builder.RegisterService(&stock).RegisterService(&stock);
  };
  EXPECT_NE(error_of(options).find("UNAVAILABLE: start gRPC"), std::string::npos);
}

TEST(GrpcReflection, ListsAndDescribesEveryServiceOfTheTable) {
  auto options = on_any_port();
  options.health = std::make_shared<HealthState>();
  const GrpcWorld world(options);
  ReflectionClient client(world.channel);
  const auto services = client.services();
  EXPECT_TRUE(services.count("brontes.testing.Echo"));
  EXPECT_TRUE(services.count("grpc.health.v1.Health"));
  EXPECT_NE(client.file_with("brontes.testing.Echo").find("testing.proto"), std::string::npos);
}

TEST(GrpcReflection, CanBeLeftOut) {
  auto options = on_any_port();
  options.reflection = false;
  const GrpcWorld world(options);
  EXPECT_TRUE(ReflectionClient(world.channel).services().empty());
}

// A call that waits for its cancel.
struct Waiting {
  Context context;
  Ask ask = ask_for("never");
  Answer answer;
  std::promise<grpc::Status> end;
  explicit Waiting(GrpcWorld& world) {
    world.stub->async()->Say(&context, &ask, &answer,
                             [this](grpc::Status status) { end.set_value(std::move(status)); });
  }
};

TEST(GrpcDrain, LetsRunningCallsEndAndTakesNoNewConnection) {
  GrpcWorld world;
  Context context;
  const auto chat = world.stub->Chat(&context);
  Answer answer;
  ASSERT_TRUE(chat->Write(ask_for("before")));
  ASSERT_TRUE(chat->Read(&answer));

  std::promise<void> ended;
  world.door->drain([&] { ended.set_value(); });
  ASSERT_TRUE(chat->Write(ask_for("while draining")));
  ASSERT_TRUE(chat->Read(&answer));
  EXPECT_EQ(answer.text(), "while draining");
  EXPECT_EQ(world.door->calls_in_flight(), 1u);
  chat->WritesDone();
  EXPECT_TRUE(chat->Finish().ok());
  EXPECT_EQ(ended.get_future().wait_for(kHangGuard), std::future_status::ready);
  world.door->wait();

  world.connect(grpc::InsecureChannelCredentials());
  Context late;
  EXPECT_EQ(world.stub->Say(&late, Ask(), &answer).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST(GrpcDrain, CancelEndsWhatIsLeft) {
  GrpcWorld world;
  Waiting waiting(world);
  ASSERT_TRUE(world.recorder->wait_begun(1));
  world.door->drain();
  world.door->cancel();
  world.door->wait();
  EXPECT_EQ(world.recorder->ended_with(Errc::kCancelled), 1);
  EXPECT_FALSE(waiting.end.get_future().get().ok());
}

TEST(GrpcDrain, TheDestructorCancelsToo) {
  GrpcWorld world;
  Waiting waiting(world);
  ASSERT_TRUE(world.recorder->wait_begun(1));
  world.door.reset();
  EXPECT_EQ(world.recorder->done(), 1);
  EXPECT_FALSE(waiting.end.get_future().get().ok());
}

TEST(GrpcDrain, AsksOnceAndTellsEverybody) {
  GrpcWorld world;
  std::promise<void> first, second, third;
  world.door->drain([&] { first.set_value(); });
  world.door->drain([&] { second.set_value(); });
  world.door->wait();
  world.door->drain([&] { third.set_value(); });
  for (auto* told : {&first, &second, &third})
    EXPECT_EQ(told->get_future().wait_for(kHangGuard), std::future_status::ready);
}

}  // namespace
}  // namespace brontes::testing
