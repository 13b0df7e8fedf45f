#include <atomic>
#include <brontes/discovery/channel/channel.hpp>
#include <brontes/discovery/channel/client_call.hpp>
#include <brontes/runtime/detail/tcp_bind.hpp>
#include <csignal>
#include <thread>

#include "child_process.hpp"
#include "node_world.hpp"

namespace brontes::testing {
namespace {

struct GreeterProcess {
  explicit GreeterProcess(std::vector<std::string> extra = {}) : child(command(std::move(extra))) {
    address = value_in(child.wait_for_line(" serving "), "address");
  }
  static std::vector<std::string> command(std::vector<std::string> extra) {
    std::vector<std::string> all = {BRONTES_GREETER, "--listen", "127.0.0.1:0"};
    all.insert(all.end(), extra.begin(), extra.end());
    return all;
  }

  ChildProcess child;
  std::string address;
};

TEST(GreeterProgram, ServesGrpcAndRestUntilSigterm) {
  GreeterProcess greeter({"--set", "drain.min=0s"});
  ASSERT_FALSE(greeter.address.empty()) << greeter.child.output();
  EXPECT_EQ(say(greeter.address, "brontes"), "hello, brontes");
  const auto port =
      static_cast<std::uint16_t>(std::stoi(greeter.address.substr(greeter.address.find(':') + 1)));
  EXPECT_NE(http_get(port, "/v1/say/b").find("hello, b"), std::string::npos);
  greeter.child.signal(SIGTERM);
  EXPECT_EQ(greeter.child.wait(), 0) << greeter.child.output();
}

TEST(GreeterProgram, DrainsWhenItsTerminalCloses) {
  GreeterProcess greeter({"--set", "drain.min=0s"});
  ASSERT_FALSE(greeter.address.empty()) << greeter.child.output();
  greeter.child.signal(SIGHUP);
  EXPECT_EQ(greeter.child.wait(), 0) << greeter.child.output();
  EXPECT_NE(greeter.child.output().find("\"let calls end\""), std::string::npos);
}

TEST(GreeterProgram, OutlivesItsTerminalUnderNohup) {
  ChildProcess greeter({"/usr/bin/env", "nohup", BRONTES_GREETER, "--listen", "127.0.0.1:0",
                        "--set", "drain.min=0s"});
  const std::string address = value_in(greeter.wait_for_line(" serving "), "address");
  greeter.signal(SIGHUP);
  EXPECT_EQ(say(address, "brontes"), "hello, brontes");
  greeter.signal(SIGTERM);
  EXPECT_EQ(greeter.wait(), 0) << greeter.output();
  EXPECT_EQ(greeter.output().find("number=1 "), std::string::npos) << greeter.output();
}

TEST(GreeterProgram, DrainsThoughNobodyReadsItsLogAnyMore) {
  GreeterProcess greeter({"--set", "drain.min=100ms", "--set", "log.level=debug"});
  ASSERT_FALSE(greeter.address.empty()) << greeter.child.output();
  greeter.child.stop_reading();
  EXPECT_EQ(say(greeter.address, "brontes"), "hello, brontes");
  greeter.child.signal(SIGTERM);
  EXPECT_EQ(greeter.child.wait(), 0);
}

TEST(GreeterProgram, SigtermUnderLoadLosesNoCall) {
  GreeterProcess a({"--set", "drain.min=100ms"}), b;
  System system;
  auto channel = Channel::open(system, "static://" + a.address + "," + b.address);
  ASSERT_TRUE(channel);
  ASSERT_TRUE(channel->wait_ready(kHang, 2).ok());
  CallOptions
      once;  // a repeated call would hide what the stop loses; one that was refused may go on
  once.retry = RetryPolicy();
  once.retry->max_resends = 0;
  std::atomic<bool> stop{false};
  std::atomic<int> made{0}, failed{0};
  std::vector<std::jthread> callers;
  for (int i = 0; i < 8; ++i)
    callers.emplace_back([&] {
      for (; !stop; ++made, made.notify_all())
        if (const auto reply =
                brontes::call<GreeterMethods::SayHello>(*channel, Hello::HelloReq(), once).wait();
            !reply && reply.error().code() != Errc::kInvalidArgument) {
          ADD_FAILURE() << reply.error().to_string();
          ++failed;
        }
    });
  const auto wait_for = [&](int calls) {
    for (int now = made; now < calls; now = made) made.wait(now);
  };
  wait_for(200);
  a.child.signal(SIGTERM);
  EXPECT_EQ(a.child.wait(), 0) << a.child.output();
  wait_for(made + 200);
  stop = true;
  callers.clear();
  EXPECT_EQ(failed, 0);
}

// Each call connects anew: some connection is always being set up when the listener closes.
TEST(GreeterProgram, SigtermLosesNoRestCall) {
  for (int round = 0; round < 3; ++round) {
    GreeterProcess greeter({"--set", "drain.min=0s"});
    const auto port = static_cast<std::uint16_t>(
        std::stoi(greeter.address.substr(greeter.address.find(':') + 1)));
    std::atomic<int> made{0};
    std::vector<std::jthread> callers;
    for (int i = 0; i < 8; ++i)
      callers.emplace_back([&] {
        for (std::string answer; !(answer = http_get(port, "/v1/say/b")).empty();) {
          EXPECT_NE(answer.find("hello, b"), std::string::npos) << answer;
          ++made, made.notify_all();
        }
      });
    for (int now = made; now < 200; now = made) made.wait(now);
    greeter.child.signal(SIGTERM);
    EXPECT_EQ(greeter.child.wait(), 0) << greeter.child.output();
  }
}

TEST(GreeterProgram, ASignalDuringTheProbeEndsIt) {
  const auto silent = detail::listen_tcp("127.0.0.1:0");  // takes connections and says nothing
  ASSERT_TRUE(silent);
  const std::string address = "127.0.0.1:" + std::to_string(detail::local_port(silent->get()));
  ChildProcess greeter({BRONTES_GREETER, "--listen", "127.0.0.1:0", "--set", "advertise=" + address,
                        "--set", "probe.timeout=10m"});
  ASSERT_NE(greeter.wait_for_line("\"open doors\""), "") << greeter.output();
  greeter.signal(SIGTERM);
  EXPECT_EQ(greeter.wait(), 0) << greeter.output();
}

TEST(GreeterProgram, ASecondSignalCutsTheWaits) {
  GreeterProcess greeter({"--set", "drain.min=10m"});
  greeter.child.signal(SIGTERM);
  EXPECT_NE(greeter.child.wait_for_line("\"drain the record\""), "");
  greeter.child.signal(SIGINT);
  EXPECT_EQ(greeter.child.wait(), 1) << greeter.child.output();
  EXPECT_NE(greeter.child.output().find("\"deregister\""), std::string::npos);
}

TEST(GreeterProgram, APortInUseIsOneLineAndAnExitCode) {
  GreeterProcess first;
  for (const char* mode : {"shared", "two_ports", "grpc"}) {
    ChildProcess second({BRONTES_GREETER, "--listen", first.address, "--set",
                         std::string("mode=") + mode, "--set", "http_listen=127.0.0.1:0"});
    EXPECT_EQ(second.wait(), 3);
    EXPECT_EQ(second.output(),
              "greeter: open doors: listen " + first.address + ": address already in use\n");
  }
}

TEST(GreeterProgram, AnAdminPortInUseIsOneLine) {
  GreeterProcess first;
  ChildProcess second(
      {BRONTES_GREETER, "--listen", "127.0.0.1:0", "--set", "admin.listen=" + first.address});
  EXPECT_EQ(second.wait(), 3);
  const std::string& said = second.output();
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
  EXPECT_NE(said.find("admin.listen: listen on " + first.address), std::string::npos) << said;
}

TEST(GreeterProgram, ARegistryThatCannotBeIsOneLine) {
  ChildProcess greeter(
      {BRONTES_GREETER, "--listen", "127.0.0.1:0", "--set", "registry=nonsense://x"});
  EXPECT_EQ(greeter.wait(), 2);
  const std::string& said = greeter.output();
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
  EXPECT_NE(said.find("nonsense"), std::string::npos) << said;
}

TEST(GreeterProgram, AStartThatFailsShowsItsPhasesAtDebugLevel) {
  GreeterProcess first;
  ChildProcess second({BRONTES_GREETER, "--listen", first.address, "--set", "log.level=debug"});
  EXPECT_EQ(second.wait(), 3);
  for (const char* part : {"phase ended run=start phase=\"start handlers\" took_ms=",
                           "phase failed run=start phase=\"open doors\"",
                           "phase ended run=take back phase=\"stop actors\""})
    EXPECT_NE(second.output().find(part), std::string::npos) << part << second.output();
}

TEST(GreeterProgram, AStartThatGoesWellShowsItsPhases) {
  GreeterProcess greeter;
  const std::string& said = greeter.child.output();
  const auto handlers = said.find("phase ended run=start phase=\"start handlers\" took_ms=");
  const auto doors = said.find("phase ended run=start phase=\"open doors\" took_ms=");
  EXPECT_LT(handlers, doors) << said;
  EXPECT_LT(doors, said.find(" serving ")) << said;
}

TEST(GreeterProgram, BadSettingsEndItBeforeItStarts) {
  ChildProcess greeter({BRONTES_GREETER, "--listen", "80", "--set", "drain.mim=1s"});
  EXPECT_EQ(greeter.wait(), 2);
  EXPECT_EQ(greeter.output(),
            "greeter: --listen: listen: '80' is not host:port: there is no colon\n"
            "greeter: --set: drain.mim: no such setting; did you mean drain.min?\n");
}

}  // namespace
}  // namespace brontes::testing
