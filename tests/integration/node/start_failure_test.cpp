#include <atomic>
#include <future>

#include "node_world.hpp"

namespace brontes::testing {
namespace {

struct StartFailure : ::testing::Test {
  System system{{.threads = 2}};
  Discovery discovery{system};
  Chronicle chronicle{discovery};

  Status start(Settings settings, const std::function<void(Node&)>& fill = {}) {
    Node node(std::move(settings), system);
    if (fill) fill(node);
    return node.start();
  }
  void expect_nothing_announced() { EXPECT_TRUE(chronicle.so_far().empty()); }
};

class BrokenLater final : public ServiceActor {
  void on_start() override { throw std::runtime_error("no cache"); }
};

class Broken final : public ServiceActor {
 public:
  Broken() { throw std::runtime_error("no database"); }
};

TEST_F(StartFailure, APortInUseIsNamed) {
  Node first(settings_for_test(), system);
  ASSERT_TRUE(first.start().ok());
  auto settings = settings_for_test();
  settings.listen.port = first.port();
  const Status status = start(settings);
  EXPECT_EQ(status.code(), Errc::kUnavailable);
  EXPECT_NE(status.message().find(settings.listen.to_string()), std::string::npos)
      << status.message();
}

TEST_F(StartFailure, ARegistryUrlThatCannotBeIsNamed) {
  auto settings = settings_for_test();
  settings.registry = "nonsense://x";
  const Status status = start(settings);
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message().find("nonsense"), std::string::npos) << status.message();
}

TEST_F(StartFailure, AServiceThatCannotBeMadeStopsTheStart) {
  const Status status =
      start(settings_for_test(), [](Node& node) { node.serve<GreeterMethods>(actor<Broken>()); });
  EXPECT_EQ(status.message(), "start handlers: Hello.Greeter: its constructor threw: no database");
  expect_nothing_announced();
}

TEST_F(StartFailure, AServiceWhoseOnStartThrowsStopsTheStart) {
  const Status status = start(settings_for_test(),
                              [](Node& node) { node.serve<GreeterMethods>(actor<BrokenLater>()); });
  EXPECT_EQ(status.message(), "start handlers: Hello.Greeter: its on_start threw: no cache");
  expect_nothing_announced();
}

TEST_F(StartFailure, OneBrokenReplicaOfSeveralStopsTheStart) {
  const auto made = std::make_shared<std::atomic<int>>(0);
  const Status status = start(settings_for_test(), [&](Node& node) {
    HostOptions options;
    options.replicas = 3;
    node.serve<GreeterMethods>(ActorService{[made]() -> std::unique_ptr<ServiceActor> {
                                              if (made->fetch_add(1) == 2)
                                                return std::make_unique<BrokenLater>();
                                              return std::make_unique<Greeter>();
                                            },
                                            options});
  });
  EXPECT_EQ(status.message(), "start handlers: Hello.Greeter: its on_start threw: no cache");
}

TEST_F(StartFailure, BadTlsFilesAreOneLineBeforeAnythingIsBound) {
  Node taken(settings_for_test(), system);
  ASSERT_TRUE(taken.start().ok());
  for (const Mode mode : {Mode::kShared, Mode::kTwoPorts, Mode::kGrpc}) {
    auto settings = settings_for_test();
    settings.mode = mode;
    settings.tls = {.cert = "/nowhere/server.pem", .key = "/nowhere/server.key"};
    settings.listen.port = settings.http_listen.port =
        taken.port();  // would fail, if it came to that
    EXPECT_EQ(start(settings),
              Status(Errc::kInvalidArgument,
                     "open doors: TLS certificate '/nowhere/server.pem': cannot be read: No such "
                     "file or directory"));
  }
}

TEST_F(StartFailure, ANameThatNoRegistryTakesIsToldBeforeAnythingIsBound) {
  auto settings = settings_for_test();
  settings.name = "a b";
  const Status status = start(settings);
  EXPECT_EQ(status.code(), Errc::kInvalidArgument);
  EXPECT_EQ(status.message().find("check settings: record of \"a b\""), 0u) << status.message();
}

TEST_F(StartFailure, AFailingHookStopsTheStart) {
  const Status status = start(settings_for_test(), [](Node& node) {
    node.on_start("load prices", [] { return Status(Errc::kNotFound, "no file"); });
  });
  EXPECT_EQ(status, Status(Errc::kNotFound, "on_start load prices: no file"));
  expect_nothing_announced();
}

TEST_F(StartFailure, WhatAHookSaysInLinesIsOneLine) {
  const Status status = start(settings_for_test(), [](Node& node) {
    node.on_start("load", [] { return Status(Errc::kNotFound, "no file\nnor folder"); });
  });
  EXPECT_EQ(status, Status(Errc::kNotFound, "on_start load: no file nor folder"));
  expect_nothing_announced();
}

TEST_F(StartFailure, AnAdvertisedAddressThatDoesNotAnswerIsNotAnnounced) {
  auto settings = settings_for_test();
  settings.advertise = {"127.0.0.1", 1};
  settings.probe.timeout = 300ms;
  const Status status = start(settings);
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message().find("127.0.0.1:1"), std::string::npos) << status.message();
  expect_nothing_announced();
}

TEST_F(StartFailure, AMethodServedTwiceIsAMistake) {
  const Status status = start(settings_for_test(), [](Node& node) {
    node.serve<GreeterMethods>(Functions<GreeterMethods>());
    node.serve<GreeterMethods>(Functions<GreeterMethods>());
  });
  EXPECT_EQ(status, Status(Errc::kInvalidArgument,
                           "check settings: serve /Hello.Greeter/SayHello: the node serves it "
                           "already; a method has one handler"));
}

TEST_F(StartFailure, AMethodWithoutDescriptorIsNamed) {
  const auto nobody = [](Node& node) {
    Method method = row<GreeterMethods::SayHello>(nullptr);
    method.path = "/Lost.Greeter/SayHello";
    node.serve_rows({std::move(method)});
  };
  EXPECT_EQ(
      start(settings_for_test(), nobody),
      Status(Errc::kInvalidArgument,
             "check settings: serve /Lost.Greeter/SayHello: its descriptor is not linked; link "
             "the whole library of its .proto (--whole-archive), or make it with "
             "brontes_proto()"));
}

TEST_F(StartFailure, WhatIsAddedAndCannotBeIsToldBeforeAnythingRuns) {
  const HttpHandler nobody;
  const HttpHandler page = [](const HttpRequest&) { return HttpResponse(); };
  const auto told = [&](const std::function<void(Node&)>& fill) {
    bool hook_ran = false;
    const Status status = start(settings_for_test(), [&](Node& node) {
      node.on_start("hook", [&] {
        hook_ran = true;
        return Status();
      });
      fill(node);
    });
    EXPECT_FALSE(hook_ran);
    return status.message();
  };
  EXPECT_EQ(told([](Node& node) { node.intercept(nullptr); }),
            "check settings: intercept: the interceptor is null");
  EXPECT_EQ(told([&](Node& node) { node.route("GET", "/c", nobody); }),
            "check settings: route GET /c: the handler is empty");
  EXPECT_EQ(told([&](Node& node) { node.route("", "/c", page); }),
            "check settings: route  /c: the HTTP method is empty; \"*\" is any");
  EXPECT_EQ(told([&](Node& node) { node.route("GET", "/c", page).route("GET", "/c", page); }),
            "check settings: route GET /c: there is one already");
  EXPECT_NE(told([&](Node& node) { node.route("GET", "/{c", page); }).find("route GET /{c: path"),
            std::string::npos);
  EXPECT_EQ(told([&](Node& node) {
              node.serve<GreeterMethods>(actor<Broken>());
              node.serve<GreeterMethods>(actor<Broken>());
            }),
            "check settings: serve /Hello.Greeter/SayHello: the node serves it already; a method "
            "has one handler");
}

TEST_F(StartFailure, WhatIsAddedDuringTheStartIsSaidToComeTooLate) {
  std::string said;
  set_log_sink([&](LogLevel, std::string_view, std::string_view line) {
    if (line.find("too late") != std::string_view::npos) said = line;
  });
  Node node(settings_for_test(), system);
  node.on_start("late", [&] {
    node.serve<GreeterMethods>(Functions<GreeterMethods>());
    return Status();
  });
  EXPECT_TRUE(node.start().ok());
  EXPECT_TRUE(node.stop().ok());
  set_log_sink(nullptr);
  EXPECT_TRUE(said.starts_with("serve came too late")) << said;
}

TEST_F(StartFailure, StopBreaksAStartOff) {
  Node node(settings_for_test(), system);
  std::promise<void> entered, go;
  node.on_start("wait", [&] {
    entered.set_value();
    go.get_future().wait();
    return Status();
  });
  auto started = std::async(std::launch::async, [&] { return node.start(); });
  entered.get_future().wait();
  EXPECT_TRUE(node.stop().ok());
  EXPECT_EQ(started.get().code(), Errc::kCancelled);
  EXPECT_EQ(node.port(), 0);
  go.set_value();
}

TEST_F(StartFailure, ANodeStartsOnce) {
  Node node(settings_for_test(), system);
  ASSERT_TRUE(node.start().ok());
  EXPECT_EQ(node.start().code(), Errc::kFailedPrecondition);
  EXPECT_TRUE(node.stop().ok());
  EXPECT_TRUE(node.stop().ok());
}

}  // namespace
}  // namespace brontes::testing
