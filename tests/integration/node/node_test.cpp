#include <brontes/actors/call/reply.hpp>
#include <brontes/runtime/grpc/health_state.hpp>
#include <future>
#include <latch>
#include <mutex>
#include <thread>

#include "node_world.hpp"

namespace brontes::testing {
namespace {

using Entries = std::vector<std::string>;

struct NodeTest : ::testing::Test {
  std::unique_ptr<Node> make(Settings settings = settings_for_test()) {
    auto node = std::make_unique<Node>(std::move(settings), system);
    node->serve<GreeterMethods>(actor<Greeter>());
    return node;
  }
  std::unique_ptr<Node> started(Settings settings = settings_for_test()) {
    auto node = make(std::move(settings));
    const Status status = node->start();
    EXPECT_TRUE(status.ok()) << status.to_string();
    return node;
  }

  System system{{.threads = 2}};
  Discovery discovery{system};
};

TEST_F(NodeTest, ServesGrpcAndRestOnOnePort) {
  const auto node = started();
  EXPECT_EQ(node->port(), node->http_port());
  EXPECT_EQ(say(node->address(), "brontes"), "hello, brontes");
  const std::string rest = http_get(node->port(), "/v1/say/brontes");
  EXPECT_NE(rest.find("200 OK"), std::string::npos) << rest;
  EXPECT_NE(rest.find(R"({"message":"hello, brontes"})"), std::string::npos) << rest;
}

TEST_F(NodeTest, ServesOnTwoPortsOrGrpcAlone) {
  auto settings = settings_for_test();
  settings.mode = Mode::kTwoPorts;
  settings.http_listen = settings.listen;
  const auto two = started(settings);
  EXPECT_NE(two->port(), two->http_port());
  EXPECT_EQ(say(two->address()), "hello, a");
  EXPECT_NE(http_get(two->http_port(), "/v1/say/b").find("hello, b"), std::string::npos);
  settings.mode = Mode::kGrpc;
  const auto one = started(settings);
  EXPECT_EQ(one->http_port(), 0);
  EXPECT_EQ(say(one->address()), "hello, a");
}

// Beside it another one, which is taken for gRPC after a second: the silent one is closed before
// that.
TEST_F(NodeTest, ASilentConnectionHasTheTimeOfAHead) {
  auto settings = settings_for_test();
  settings.http.header_timeout = 10ms;
  const auto node = started(settings);
  const std::string preface =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string("\0\0\0\4\0\0\0\0\0", 9);
  std::promise<std::string> other;
  const std::jthread http2([&] {
    // What gRPC says first: it allows frames of a size, which the listener's own words do not.
    other.set_value(exchange(node->port(), preface, std::string("\0\5\0", 3)));
  });
  EXPECT_EQ(exchange(node->port(), "P", ""), "lost");
  EXPECT_EQ(other.get_future().wait_for(0s), std::future_status::timeout);
}

TEST_F(NodeTest, IsAnnouncedThenDrainedThenDeregistered) {
  Chronicle chronicle(discovery);
  const auto node = started();
  EXPECT_EQ(chronicle.wait_for(1), (Entries{"+v1"}));
  EXPECT_TRUE(node->stop().ok());
  EXPECT_TRUE(chronicle.wait_until("-v1"));
}

TEST_F(NodeTest, KeepsServingWhileConsumersLearnOfTheDrain) {
  auto settings = settings_for_test();
  settings.drain.min = 10min;
  Chronicle chronicle(discovery);
  auto node = started(settings);
  EXPECT_EQ(chronicle.wait_for(1), (Entries{"+v1"}));
  std::jthread stopping([&] { (void)node->stop(); });
  EXPECT_EQ(chronicle.wait_for(2), (Entries{"+v1", "~drained"}));
  EXPECT_EQ(say(node->address()), "hello, a");
  node->hurry();
}

TEST_F(NodeTest, EveryStopWaitsUntilItHasStopped) {
  auto settings = settings_for_test();
  settings.drain.min = 10min;
  Chronicle chronicle(discovery);
  auto node = started(settings);
  EXPECT_EQ(chronicle.wait_for(1), (Entries{"+v1"}));
  std::jthread stopping([&] { (void)node->stop(); });
  EXPECT_EQ(chronicle.wait_for(2), (Entries{"+v1", "~drained"}));
  node->hurry();
  EXPECT_TRUE(node->stop().ok());
  EXPECT_EQ(say(node->address()).substr(0, 6), "failed");
}

TEST_F(NodeTest, LetsRunningCallsEndBeforeItStops) {
  std::promise<void> entered, go;
  auto node = std::make_unique<Node>(settings_for_test(), system);
  node->serve<GreeterMethods>(Functions<GreeterMethods>().on<GreeterMethods::SayHello>(
      [&](const Hello::HelloReq&, Hello::HelloReply& reply) {
        entered.set_value();
        go.get_future().wait();
        reply.set_message("late");
        return Status();
      }));
  ASSERT_TRUE(node->start().ok());
  auto answer = std::async(std::launch::async, [&] { return say(node->address()); });
  entered.get_future().wait();
  Chronicle chronicle(discovery);
  EXPECT_EQ(chronicle.wait_for(1), (Entries{"+v1"}));
  auto stopped = std::async(std::launch::async, [&] { return node->stop(); });
  EXPECT_TRUE(chronicle.wait_until("-v1"));
  go.set_value();
  EXPECT_EQ(answer.get(), "late");
  EXPECT_TRUE(stopped.get().ok());
}

TEST_F(NodeTest, SaysHowManyCallsItsStopHasCutOff) {
  std::latch begun(2);
  std::mutex mutex;
  std::vector<Reply<GreeterMethods::SayHello>> kept;
  auto settings = settings_for_test();
  settings.drain.max = 20ms;
  auto node = std::make_unique<Node>(settings, system);
  node->serve<GreeterMethods>(Functions<GreeterMethods>().on<GreeterMethods::SayHello>(
      [&](const Hello::HelloReq&, Reply<GreeterMethods::SayHello> reply) {
        const std::lock_guard lock(mutex);
        kept.push_back(std::move(reply));
        begun.count_down();
      }));
  ASSERT_TRUE(node->start().ok());
  auto by_grpc = std::async(std::launch::async, [&] { return say(node->address()); });
  const Onlooker by_http(node->port(), "GET /v1/say/b HTTP/1.1\r\nHost: a\r\n\r\n");
  begun.wait();
  const Status stopped = node->stop();
  EXPECT_EQ(stopped.code(), Errc::kDeadlineExceeded);
  EXPECT_EQ(stopped.message(),
            "let calls end: calls have not ended in 20ms (drain.max): 1 over HTTP, 1 over gRPC; "
            "they are cancelled");
  EXPECT_TRUE(by_http.read_all().starts_with("HTTP/1.1 503 "));
}

TEST_F(NodeTest, FindsAndCallsAnotherThroughDiscovery) {
  const auto greeter = started();
  auto settings = settings_for_test();
  settings.name = "caller";
  Node caller(settings, system);
  auto channel = caller.channel("discovery:///greeter/v1");
  ASSERT_TRUE(channel);
  ASSERT_TRUE(channel->wait_ready(kHang).ok());
  const auto stub = Hello::Greeter::NewStub(channel->stub_channel());
  grpc::ClientContext context;
  Hello::HelloReply reply;
  EXPECT_TRUE(stub->SayHello(&context, Hello::HelloReq(), &reply).ok());
}

TEST_F(NodeTest, BalancesItsChannelsAsItsSettingsSay) {
  auto settings = settings_for_test();
  settings.balancing.policy = "best";
  Node caller(settings, system);
  const auto refused = caller.channel("static://a:1");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("balancing.policy: 'best'"), std::string::npos);
  ChannelOptions options;
  options.balancing = BalancingOptions{.policy = "random"};
  EXPECT_TRUE(caller.channel("static://a:1", options));  // what code says wins
}

TEST_F(NodeTest, TellsWithItsAnswersHowBusyItIsIfItIsToldTo) {
  for (const bool told : {false, true}) {
    auto settings = settings_for_test();
    settings.calls.report_load = told;
    const auto node = started(settings);
    const auto stub = Hello::Greeter::NewStub(
        grpc::CreateChannel(node->address(), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    Hello::HelloReply reply;
    EXPECT_TRUE(stub->SayHello(&context, Hello::HelloReq(), &reply).ok());
    EXPECT_EQ(context.GetServerTrailingMetadata().count("brontes-load-bin"), told ? 1u : 0u);
  }
}

TEST_F(NodeTest, AKilledNodeLeavesItsRecordAndItsCallersAtOnce) {
  Chronicle chronicle(discovery);
  const auto node = started();
  const std::string address = node->address();
  EXPECT_EQ(chronicle.wait_for(1), (Entries{"+v1"}));
  node->kill();
  EXPECT_EQ(say(address).substr(0, 6), "failed");
  EXPECT_EQ(http_get(node->port(), "/v1/say/b"), "");
  EXPECT_EQ(chronicle.so_far(), (Entries{"+v1"}));
}

TEST_F(NodeTest, StartsAgainOnThePortOfAKilledOne) {
  auto settings = settings_for_test();
  auto first = started(settings);
  settings.listen.port = first->port();
  EXPECT_EQ(say(first->address()), "hello, a");
  first->kill();
  const auto second = started(settings);
  EXPECT_EQ(say(second->address()), "hello, a");
}

TEST_F(NodeTest, IsCalledAgainAfterARestartOnItsPort) {
  auto first = started();
  const auto second = started();
  const auto channel = second->channel("discovery:///greeter/v1");
  ASSERT_TRUE(channel && channel->wait_ready(kHang, 2).ok());

  auto settings = settings_for_test();
  settings.listen.port = first->port();
  ASSERT_TRUE(first->stop().ok());
  first = started(settings);
  EXPECT_TRUE(channel->wait_ready(kHang, 2).ok());
}

TEST_F(NodeTest, RefusesWhatIsLargerThanItsSettingsAllow) {
  auto settings = settings_for_test();
  settings.limits.request_bytes = 1024;
  const auto node = started(settings);
  const std::string request = say(node->address(), std::string(2000, 'a'));
  EXPECT_TRUE(request.starts_with("failed: Received message larger than max")) << request;
}

TEST_F(NodeTest, TakesNoMoreConnectionsThanItsSettingsAllow) {
  for (const auto limit : {&LimitSettings::connections, &LimitSettings::connections_per_address}) {
    auto settings = settings_for_test();
    settings.probe.enabled = false;
    settings.limits.*limit = 1;
    const auto node = started(settings);
    const auto channel = grpc::CreateChannel(node->address(), grpc::InsecureChannelCredentials());
    ASSERT_TRUE(channel->WaitForConnected(std::chrono::system_clock::now() + kHang));
    EXPECT_EQ(http_get(node->port(), "/v1/say/b"), "lost");
  }
}

TEST_F(NodeTest, ItsOwnProbeKeepsNobodyOut) {
  for (const Mode mode : {Mode::kShared, Mode::kGrpc}) {
    auto settings = settings_for_test();
    settings.mode = mode;
    settings.limits.connections_per_address = 1;
    const auto node = started(settings);
    const auto channel = grpc::CreateChannel(node->address(), grpc::InsecureChannelCredentials());
    grpc_connectivity_state state = channel->GetState(true);
    while (state != GRPC_CHANNEL_READY && state != GRPC_CHANNEL_TRANSIENT_FAILURE &&
           channel->WaitForStateChange(state, std::chrono::system_clock::now() + kHang))
      state = channel->GetState(true);
    EXPECT_EQ(state, GRPC_CHANNEL_READY);
    EXPECT_EQ(exchange(node->port(), "GET / HTTP/1.1\r\n\r\n", ""), "lost");
  }
}

TEST_F(NodeTest, AsksConnectionsToGoAtTheAgeThatItsSettingsSay) {
  auto settings = settings_for_test();
  settings.limits.connection_age = 1ms;
  const auto node = started(settings);
  const auto channel = grpc::CreateChannel(node->address(), grpc::InsecureChannelCredentials());
  const auto latest = std::chrono::system_clock::now() + kHang;
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(latest);
  Hello::HelloReply reply;  // an answer shows that there was a connection, however soon it goes
  ASSERT_TRUE(Hello::Greeter::NewStub(channel)->SayHello(&context, {}, &reply).ok());
  EXPECT_TRUE(channel->WaitForStateChange(GRPC_CHANNEL_READY, latest));
}

TEST_F(NodeTest, HasRoutesAndHooksOfItsOwn) {
  Entries seen;
  auto node = make();
  node->route("GET", "/healthz", [](const HttpRequest&) { return HttpResponse::text("fine"); })
      .on_start("warm up", [&] { return seen.emplace_back("start"), Status(); })
      .on_stop("a", [&] { return seen.emplace_back("stop a"), Status(); })
      .on_stop("b", [&] { return seen.emplace_back("stop b"), Status(); });
  ASSERT_TRUE(node->start().ok());
  EXPECT_NE(http_get(node->port(), "/healthz").find("fine"), std::string::npos);
  EXPECT_TRUE(node->stop().ok());
  EXPECT_EQ(seen, (Entries{"start", "stop b", "stop a"}));
}

}  // namespace
}  // namespace brontes::testing
