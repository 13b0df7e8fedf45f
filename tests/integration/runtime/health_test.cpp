// grpc.health.v1 as a stock client sees it, with its own generated copy of the protocol.
#include <grpc/health/v1/health.grpc.pb.h>

#include "grpc_world.hpp"

namespace brontes::testing {
namespace {

namespace health = grpc::health::v1;
using health::HealthCheckResponse;

class Health : public ::testing::Test {
 protected:
  static GrpcDoorOptions with(std::shared_ptr<HealthState> state) {
    auto options = on_any_port();
    options.health = std::move(state);
    return options;
  }
  grpc::Status check(const std::string& service, HealthCheckResponse* response) {
    Context context;
    health::HealthCheckRequest request;
    request.set_service(service);
    return stub_->Check(&context, request, response);
  }
  auto watch(Context& context, const std::string& service) {
    health::HealthCheckRequest request;
    request.set_service(service);
    return stub_->Watch(&context, request);
  }
  static HealthCheckResponse::ServingStatus next(grpc::ClientReader<HealthCheckResponse>& reader) {
    HealthCheckResponse response;
    return reader.Read(&response) ? response.status() : HealthCheckResponse::UNKNOWN;
  }

  std::shared_ptr<HealthState> state_ = std::make_shared<HealthState>();
  GrpcWorld world_{with(state_)};
  std::unique_ptr<health::Health::Stub> stub_ = health::Health::NewStub(world_.channel);
};

TEST_F(Health, CheckTellsWhatTheStateSays) {
  HealthCheckResponse response;
  ASSERT_TRUE(check("", &response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  state_->set("", true);
  ASSERT_TRUE(check("", &response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
}

TEST_F(Health, CheckOfAnUnknownServiceIsNotFound) {
  HealthCheckResponse response;
  EXPECT_EQ(check("no.such.Service", &response).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(Health, AllStopServingTogether) {
  state_->set("", true);
  state_->set("a.B", true);
  state_->set_all_not_serving();
  EXPECT_EQ(state_->serving(""), false);
  EXPECT_EQ(state_->serving("a.B"), false);
}

TEST_F(Health, WatchTellsEachChangeOnce) {
  Context context;
  const auto reader = watch(context, "a.B");
  EXPECT_EQ(next(*reader), HealthCheckResponse::SERVICE_UNKNOWN);
  state_->set("a.B", true);
  EXPECT_EQ(next(*reader), HealthCheckResponse::SERVING);
  state_->set("a.B", true);
  state_->set("c.D", true);
  state_->set("a.B", false);
  EXPECT_EQ(next(*reader), HealthCheckResponse::NOT_SERVING);
}

TEST_F(Health, SlowWatcherSeesTheLastState) {
  Context context;
  const auto reader = watch(context, "");
  ASSERT_EQ(next(*reader), HealthCheckResponse::NOT_SERVING);
  for (int i = 0; i < 10'000; ++i) state_->set("", i % 2 == 0);
  state_->set("", true);
  state_->end_watches();
  HealthCheckResponse response;
  auto last = HealthCheckResponse::UNKNOWN;
  while (reader->Read(&response)) last = response.status();
  EXPECT_EQ(last, HealthCheckResponse::SERVING);
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(Health, CancelledWatchesEnd) {
  for (int i = 0; i < 50; ++i) {
    Context context;
    const auto reader = watch(context, "");
    next(*reader);
    context.TryCancel();
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
    state_->set("", i % 2 == 0);
  }
}

TEST_F(Health, DrainEndsWatchesThatWouldHoldIt) {
  Context context;
  const auto reader = watch(context, "");
  ASSERT_EQ(next(*reader), HealthCheckResponse::NOT_SERVING);
  world_.door->drain();
  world_.door->wait();
  EXPECT_EQ(next(*reader), HealthCheckResponse::UNKNOWN);
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(Health, NoInterceptorCanRefuseAProbe) {
  Context context;
  context.AddMetadata("authorization", "bad");
  HealthCheckResponse response;
  EXPECT_TRUE(stub_->Check(&context, {}, &response).ok());
  EXPECT_EQ(world_.recorder->begun(), 0);
}

}  // namespace
}  // namespace brontes::testing
