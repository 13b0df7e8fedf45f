#include <brontes/runtime/grpc/health_state.hpp>
#include <future>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "child_process.hpp"
#include "node_world.hpp"

namespace brontes::testing {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The text format, read line by line: samples by name and labels.
std::map<std::string, double> samples_of(const std::string& answer) {
  std::map<std::string, double> samples;
  std::set<std::string> families;
  std::istringstream body(answer.substr(answer.find("\r\n\r\n") + 4));
  for (std::string line, type = "# TYPE "; std::getline(body, line);) {
    if (line.starts_with(type)) {
      EXPECT_TRUE(families.insert(line.substr(type.size(), line.rfind(' ') - type.size())).second)
          << line;
    }
    if (line.starts_with("#")) continue;
    const auto blank = line.rfind(' ');
    EXPECT_TRUE(samples.emplace(line.substr(0, blank), std::stod(line.substr(blank + 1))).second)
        << line;
  }
  return samples;
}

struct Observed : ::testing::Test {
  std::unique_ptr<Node> make(Settings settings = settings_for_test()) {
    auto node = std::make_unique<Node>(std::move(settings), system);
    node->serve<GreeterMethods>(actor<Greeter>());
    return node;
  }
  static void start(Node& node) {
    const Status status = node.start();
    ASSERT_TRUE(status.ok()) << status.to_string();
  }

  System system{{.threads = 2}};
  Discovery discovery{system};
};

TEST_F(Observed, MetricsTellOfTheCallsOfEveryDoor) {
  auto settings = settings_for_test();
  settings.probe.enabled = false;  // it is a call, too
  auto node = make(settings);
  node->metrics().counter("shop_orders_total", "Orders.")->add(3);
  start(*node);
  EXPECT_EQ(say(node->address()), "hello, a");
  EXPECT_TRUE(has(http_get(node->port(), "/v1/say/b"), "hello, b"));
  const std::string answer = http_get(node->admin_port(), "/metrics");
  EXPECT_TRUE(has(answer, "Content-Type: text/plain; version=0.0.4")) << answer;
  auto samples = samples_of(answer);
  const std::string labels =
      R"(grpc_method="SayHello",grpc_service="Hello.Greeter",grpc_type="unary")";
  EXPECT_EQ(samples["grpc_server_started_total{" + labels + "}"], 2);
  EXPECT_EQ(samples["grpc_server_handled_total{grpc_code=\"OK\"," + labels + "}"], 2);
  EXPECT_EQ(samples["grpc_server_handling_seconds_count{" + labels + "}"], 2);
  EXPECT_EQ(samples["shop_orders_total"], 3);
  EXPECT_EQ(samples.count("brontes_mailbox_waiting{grpc_service=\"Hello.Greeter\"}"), 1u);
  EXPECT_EQ(samples["brontes_connections_handed_over_total{door=\"grpc\"}"], 1);
  EXPECT_EQ(samples["brontes_connections_handed_over_total{door=\"http\"}"], 1);
  EXPECT_GT(samples["process_resident_memory_bytes"], 0);
}

TEST_F(Observed, ItsOwnProbeLeavesNoConnectionBehind) {
  for (const Mode mode : {Mode::kShared, Mode::kGrpc}) {
    auto settings = settings_for_test();
    settings.mode = mode;
    auto node = make(settings);
    start(*node);
    std::map<std::string, double> samples;
    do samples = samples_of(http_get(node->admin_port(), "/metrics"));
    while (samples["brontes_connections_open"] > 0 && !HasFailure());
    EXPECT_EQ(samples["brontes_connections_handed_over_total{door=\"grpc\"}"], 1) << "no probe";
  }
}

TEST_F(Observed, MetricsTellOfTheConnectionsOfEveryPort) {
  for (const Mode mode : {Mode::kShared, Mode::kTwoPorts, Mode::kGrpc}) {
    auto settings = settings_for_test();
    settings.probe.enabled = false;
    settings.mode = mode;
    settings.http_listen = settings.listen;
    auto node = make(settings);
    start(*node);
    EXPECT_EQ(say(node->address()), "hello, a");
    const bool has_http = node->http_port() != 0;
    if (has_http) http_get(node->http_port(), "/v1/say/b");
    auto samples = samples_of(http_get(node->admin_port(), "/metrics"));
    EXPECT_EQ(samples["brontes_connections_accepted_total"], has_http ? 2 : 1);
    EXPECT_EQ(samples["brontes_connections_handed_over_total{door=\"grpc\"}"], 1);
    EXPECT_EQ(samples["brontes_connections_handed_over_total{door=\"http\"}"], has_http ? 1 : 0);
  }
}

TEST_F(Observed, ReadinessFollowsTheLifeOfTheNode) {
  auto settings = settings_for_test();
  settings.drain.min = 10min;
  Chronicle chronicle(discovery);
  auto node = make(settings);
  std::string starting, live;
  node->on_start("look", [&] {
    starting = http_get(node->admin_port(), "/readyz");
    live = http_get(node->admin_port(), "/livez");
    return Status();
  });
  start(*node);
  EXPECT_TRUE(has(starting, " 503 ") && has(starting, "the node is starting")) << starting;
  EXPECT_TRUE(has(live, " 200 ")) << live;
  EXPECT_TRUE(has(http_get(node->admin_port(), "/readyz"), " 200 "));
  node->health().set("cache", false);
  const std::string lacking = http_get(node->admin_port(), "/readyz");
  EXPECT_TRUE(has(lacking, " 503 ") && has(lacking, "cache is not serving")) << lacking;
  node->health().set("cache", true);
  EXPECT_TRUE(has(http_get(node->admin_port(), "/readyz"), " 200 "));

  chronicle.wait_for(1);
  std::jthread stopping([&] { (void)node->stop(); });
  EXPECT_EQ(chronicle.wait_for(2).back(), "~drained");
  const std::string draining = http_get(node->admin_port(), "/readyz");
  EXPECT_TRUE(has(draining, " 503 ") && has(draining, "the node is draining")) << draining;
  EXPECT_TRUE(has(http_get(node->admin_port(), "/livez"), " 200 "));
  node->hurry();
  stopping.join();
  EXPECT_EQ(http_get(node->admin_port(), "/livez"), "");
}

TEST_F(Observed, LivenessNoticesAPoolInWhichNobodyGetsATurn) {
  std::promise<void> go;
  const auto gone = go.get_future().share();
  auto node = std::make_unique<Node>(settings_for_test(), system);
  HostOptions options;
  options.replicas = 2;
  options.in_place = false;
  class Sleeper final : public ServiceActor {
   public:
    explicit Sleeper(std::shared_future<void> gone) {
      on<GreeterMethods::SayHello>([gone](const Hello::HelloReq&, Hello::HelloReply&) {
        gone.wait();
        return Status();
      });
    }
  };
  node->serve<GreeterMethods>(
      ActorService{[gone] { return std::make_unique<Sleeper>(gone); }, options});
  start(*node);
  auto first = std::async(std::launch::async, [&] { return say(node->address()); });
  auto second = std::async(std::launch::async, [&] { return say(node->address()); });
  std::string answer;
  while (!has(answer = http_get(node->admin_port(), "/livez"), " 503 ") && !answer.empty()) {
  }
  EXPECT_TRUE(has(answer, "no actor had its turn")) << answer;
  EXPECT_TRUE(has(http_get(node->admin_port(), "/metrics"), " 503 "));
  go.set_value();
  first.wait();
  second.wait();
  EXPECT_TRUE(has(http_get(node->admin_port(), "/livez"), " 200 "));
}

TEST_F(Observed, HealthIsAlsoAPage) {
  auto settings = settings_for_test();
  settings.http.health_path = "/healthz";
  auto node = make(settings);
  start(*node);
  for (const auto port : {node->admin_port(), node->port()}) {
    EXPECT_TRUE(has(http_get(port, "/healthz"), R"({"status":"SERVING"})"));
    EXPECT_TRUE(has(http_get(port, "/healthz?service=Hello.Greeter"), " 200 "));
    const std::string unknown = http_get(port, "/healthz?service=Nobody");
    EXPECT_TRUE(has(unknown, " 404 ") && has(unknown, R"("code":5)")) << unknown;
    node->health().set("Hello.Greeter", false);
    const std::string down = http_get(port, "/healthz?service=Hello.Greeter");
    EXPECT_TRUE(has(down, " 503 ") && has(down, R"("code":14)")) << down;
    node->health().set("Hello.Greeter", true);
  }
}

TEST_F(Observed, AnAdminPortInUseEndsTheStartBeforeAnythingIsRegistered) {
  auto first = make();
  start(*first);
  Chronicle chronicle(discovery);
  chronicle.wait_for(1);
  auto settings = settings_for_test();
  settings.admin.listen.port = first->admin_port();
  const Status status = make(settings)->start();
  EXPECT_EQ(status.code(), Errc::kUnavailable);
  EXPECT_EQ(status.message(), "open the admin port: admin.listen: listen on " +
                                  settings.admin.listen.to_string() + ": address in use");
  EXPECT_EQ(chronicle.so_far().size(), 1u);
}

TEST_F(Observed, WithoutAdminThereIsNoPort) {
  auto settings = settings_for_test();
  settings.admin.enabled = false;
  auto node = make(settings);
  start(*node);
  EXPECT_EQ(node->admin_port(), 0);
}

TEST_F(Observed, ViolationsReachARestCallerFieldByField) {
  auto node = make();
  node->validate<Hello::HelloReq>([](const Hello::HelloReq& request, Violations& wrong) {
    if (request.name() == "x") wrong.add("name", "is too short");
  });
  start(*node);
  EXPECT_TRUE(has(http_get(node->port(), "/v1/say/ada"), "hello, ada"));
  const std::string refused = http_get(node->port(), "/v1/say/x");
  EXPECT_TRUE(has(refused, " 400 ")) << refused;
  EXPECT_TRUE(has(refused,
                  R"("details":[{"@type":"type.googleapis.com/google.rpc.BadRequest",)"
                  R"("field_violations":[{"field":"name","description":"is too short"}]}])"))
      << refused;
}

TEST_F(Observed, SettingsExemptAMethodFromAuthentication) {
  const auto nobody = [](const Call&) -> Expected<Principal> {
    return fail(Errc::kUnauthenticated, "who is that?");
  };
  auto strict = make();
  strict->authenticate(nobody);
  start(*strict);
  EXPECT_EQ(say(strict->address()), "failed: who is that?");
  EXPECT_TRUE(has(http_get(strict->port(), "/v1/say/a"), " 401 "));
  auto settings = settings_for_test();
  settings.interceptors["authentication"].except = {"Hello.Greeter/SayHello"};
  auto open = make(settings);
  open->authenticate(nobody);
  start(*open);
  EXPECT_EQ(say(open->address()), "hello, a");
}

TEST_F(Observed, ASelectionThatMeansNothingStopsTheStart) {
  auto settings = settings_for_test();
  settings.interceptors["access_log"].only = {"Hello.Greeter/SayHelo"};
  const Status status = make(settings)->start();
  EXPECT_EQ(status.code(), Errc::kInvalidArgument);
  EXPECT_TRUE(has(status.message(), "did you mean Hello.Greeter/SayHello?")) << status.message();
}

TEST(GreeterChain, IsPrintedBeforeAnythingIsBound) {
  const std::string command = BRONTES_GREETER
      " --listen 256.0.0.1:1 --print-chain"
      " --set interceptors.access_log.except=Hello.Greeter 1>&2";
  ChildProcess greeter({"/bin/sh", "-c", command});
  EXPECT_EQ(greeter.wait(), 0);
  EXPECT_EQ(greeter.output(),
            "/Hello.Greeter/SayHello\n"
            "  metrics          every method\n"
            "  request_id       every method\n"
            "  deadline         every method\n");
}

TEST(GreeterChain, AWrongSelectionNamesKeyAndOrigin) {
  ChildProcess greeter({BRONTES_GREETER, "--listen", "127.0.0.1:0", "--set", "log.level=off",
                        "--set", "interceptors.acces_log.only=Hello.Greeter"});
  EXPECT_EQ(greeter.wait(), 2);
  EXPECT_TRUE(has(greeter.output(),
                  "--set: interceptors.acces_log: this node has no interceptor of "
                  "that name; did you mean access_log?"))
      << greeter.output();
}

}  // namespace
}  // namespace brontes::testing
