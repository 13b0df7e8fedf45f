// Sync handlers have a thread each: so many over REST, and no more.
#include <grpcpp/resource_quota.h>

#include "adopted_world.hpp"
#include "node_with_parlour.hpp"

namespace brontes::testing {
namespace {

constexpr char kHold[] = "Grpc-Metadata-X-Do: hold\r\n";

/// Calls whose handlers wait until they are released.
class HeldCalls {
 public:
  HeldCalls(Node& node, Diary& diary, int count) : diary_(diary) {
    for (int held = 0; held < count; ++held) {
      calls_.push_back(std::make_unique<HttpConnection>(node.http_port()));
      calls_.back()->send("GET", "/v1/say/ada", kHold);
      diary.wait_for("handler", held + 1);
    }
  }
  void release() {
    diary_.note("release");
    for (const auto& call : calls_) {
      const std::string answer = call->read_all();
      EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
    }
  }

 private:
  Diary& diary_;
  std::vector<std::unique_ptr<HttpConnection>> calls_;
};

TEST(SyncHandlersOverRest, AreAsManyAtOnceAsTheSettingSays) {
  Diary diary;
  Settings settings = settings_for_parlour();
  settings.limits.sync_rest_handlers = 2;
  NodeWithParlour node(make_sync_parlour(diary), {}, settings);
  HeldCalls held(*node, diary, 2);
  const std::string answer = node.get("/v1/say/eve");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 429")) << answer;
  EXPECT_NE(answer.find("\"code\":8"), std::string::npos) << answer;
  held.release();
  EXPECT_TRUE(node.get("/v1/say/eve").starts_with("HTTP/1.1 200"));
}

// Two of its threads wait for calls, one at each server.
TEST(SyncHandlersOfAQuota, AreAsManyAtOnceOverBothDoorsAsItHasThreads) {
  Diary diary;
  NodeWithParlour node(make_sync_parlour(diary), [](Node& made) {
    made.customise_grpc([](grpc::ServerBuilder& builder) {
      grpc::ResourceQuota quota("test");
      quota.SetMaxThreads(4);
      builder.SetResourceQuota(quota);
    });
  });
  HeldCalls held(*node, diary, 2);
  const std::string answer = node.get("/v1/say/eve");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 429")) << answer;
  const auto stub = Parlour::NewStub(grpc::CreateChannel(
      "127.0.0.1:" + std::to_string(node->port()), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  Answer none;
  EXPECT_EQ(stub->Say(&context, {}, &none).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  held.release();
  EXPECT_TRUE(node.get("/v1/say/eve").starts_with("HTTP/1.1 200"));
}

}  // namespace
}  // namespace brontes::testing
