// Channels that a node opens by the names of its settings.
#include <brontes/runtime/json_call.hpp>
#include <future>
#include <optional>

#include "node_world.hpp"

namespace brontes::testing {
namespace {

class Tenant final : public ServiceActor {
 public:
  Tenant() {
    on<GreeterMethods::SayHello>([](const CallPtr& call, const Event& event) {
      if (event.type != Event::Type::kStarted) return;
      call->reply<Hello::HelloReply>().set_message(call->request<Hello::HelloReq>().name() +
                                                   " of " + call->metadata("x-tenant"));
      call->finish({});
    });
  }
};

struct NamedChannelTest : ::testing::Test {
  NamedChannelTest() {
    greeter.serve<GreeterMethods>(actor<Tenant>());
    EXPECT_TRUE(greeter.start().ok());
    caller.emplace(caller_settings(), system);  // they name the address
  }
  Settings caller_settings() {
    Settings settings = settings_for_test();
    settings.name = "caller";
    ChannelSettings& greeters = settings.channels["greeters"];
    greeters.target = "discovery:///greeter/v1";
    greeters.service = "Hello.Greeter";
    greeters.metadata = {{"x-tenant", "t1"}};
    settings.channels["direct"] = {.target = greeter.address(), .metadata = {{"x-tenant", "t2"}}};
    return settings;
  }
  static std::string say(const Channel& channel, const std::string& tenant = "") {
    const auto stub = Hello::Greeter::NewStub(channel.stub_channel());
    grpc::ClientContext context;
    if (!tenant.empty()) context.AddMetadata("x-tenant", tenant);
    context.set_wait_for_ready(true);
    Hello::HelloReq request;
    request.set_name("ada");
    Hello::HelloReply reply;
    const auto status = stub->SayHello(&context, request, &reply);
    return status.ok() ? reply.message() : status.error_message();
  }

  System system{{.threads = 2}};
  Node greeter{settings_for_test(), system};
  std::optional<Node> caller;
};

TEST_F(NamedChannelTest, IsSharedAndAddsItsMetadataToEachCall) {
  const auto channel = caller->channel("greeters");
  ASSERT_TRUE(channel) << channel.error().to_string();
  ASSERT_TRUE(channel->wait_ready(kHang).ok());
  EXPECT_EQ(caller->channel("greeters")->core(), channel->core());
  EXPECT_EQ(say(*channel), "ada of t1");
  EXPECT_EQ(say(*channel, "mine"), "ada of mine") << "what the call brings wins";
  Hello::HelloReq request;
  request.set_name("bob");
  EXPECT_EQ(call<GreeterMethods::SayHello>(*channel, request).wait()->message(), "bob of t1");
  EXPECT_EQ(say(*caller->channel("direct")), "ada of t2") << "a target of gRPC's own";
}

TEST_F(NamedChannelTest, CallsMethodsByNameWithBytesAndJson) {
  const auto channel = caller->channel("greeters");
  ASSERT_TRUE(channel);
  Hello::HelloReq request;
  request.set_name("ada");
  Hello::HelloReply reply;
  const auto bytes = call_bytes(*channel, "SayHello", request.SerializeAsString()).wait();
  ASSERT_TRUE(bytes) << bytes.error().to_string();
  ASSERT_TRUE(reply.ParseFromString(*bytes));
  EXPECT_EQ(reply.message(), "ada of t1");
  for (const char* method : {"SayHello", "Hello.Greeter/SayHello", "/Hello.Greeter/SayHello"}) {
    const auto json = call_json(*channel, method, R"({"name": "bob"})").wait();
    ASSERT_TRUE(json) << json.error().to_string();
    EXPECT_EQ(*json, R"({"message":"bob of t1"})");
  }
}

TEST_F(NamedChannelTest, SaysWhyAMethodCannotBeCalledByName) {
  const Channel named = *caller->channel("greeters"), direct = *caller->channel("direct");
  const auto error = [](const Channel& channel, const char* method, const char* json = "{}") {
    const auto answer = call_json(channel, method, json).wait();
    return answer ? *answer : answer.error().to_string();
  };
  EXPECT_EQ(error(named, "Shout"),
            "NOT_FOUND: call /Hello.Greeter/Shout: Hello.Greeter has no such method");
  EXPECT_EQ(error(named, "a.B/C"), "NOT_FOUND: call /a.B/C: a.B is not linked into this program");
  EXPECT_NE(error(named, "SayHello", R"({"name": 7})").find("INVALID_ARGUMENT: call /Hello."),
            std::string::npos);
  EXPECT_NE(error(direct, "SayHello").find("a method is pkg.Service/Method"), std::string::npos);
  EXPECT_EQ(call_bytes(direct, "SayHello", "").wait().error().code(), Errc::kInvalidArgument);
}

TEST_F(NamedChannelTest, IsRefusedAtTheStartWhenNobodyKnowsItsRegistry) {
  Settings settings = caller_settings();
  settings.channels["lost"].target = "etcd:///x";
  Node node(settings, system);
  node.serve<GreeterMethods>(actor<Greeter>());
  const Status started = node.start();
  EXPECT_NE(started.message().find("channels.lost.target: "), std::string::npos)
      << started.message();
  const auto none = caller->channel("nobody");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), Errc::kNotFound);
}

}  // namespace
}  // namespace brontes::testing
