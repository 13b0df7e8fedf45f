// The commands that run until they are told to end, as processes.
#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "child_process.hpp"

namespace brontes::testing {
namespace {

using Json = nlohmann::json;

struct Command {
  explicit Command(std::vector<std::string> words) : process(with_program(words), STDOUT_FILENO) {}

  Json event(const std::string& name) {
    const std::string line = process.wait_for_line("\"event\":\"" + name + "\"");
    return line.empty() ? Json() : Json::parse(line);
  }
  static std::vector<std::string> with_program(std::vector<std::string> words) {
    words.insert(words.begin(), BRONTES_COMMAND);
    words.push_back("--json");
    return words;
  }
  ChildProcess process;
};

TEST(EndlessCommand, RegisterKeepsTheRecordUntilASignalAndRemovesIt) {
  Command command({"register", "--registry", "memory:", "--name", "g", "--version", "v1",
                   "--address", "127.0.0.1:80", "--id", "one", "--meta", "zone=a", "--tag", "t=1",
                   "--weight", "7"});
  const Json registered = command.event("registered");
  EXPECT_EQ(registered["key"], "g/v1/one");
  EXPECT_EQ(registered["instance"]["address"], "127.0.0.1:80");
  EXPECT_EQ(registered["instance"]["weight"], 7);
  EXPECT_EQ(registered["instance"]["metadata"]["zone"], "a");
  EXPECT_EQ(registered["instance"]["tags"]["t"], "1");
  EXPECT_NE(registered["lease"], "");
  command.process.signal(SIGTERM);
  EXPECT_TRUE(command.event("deregistered").is_object()) << command.process.output();
  EXPECT_EQ(command.process.wait(), 0);
}

TEST(EndlessCommand, RegisterWaitsForTheProbe) {
  for (const char* how : {"tcp", "grpc"}) {
    ChildProcess command(Command::with_program({"register", "--registry", "memory:", "--name", "g",
                                                "--address", "127.0.0.1:9", "--probe", how}));
    EXPECT_NE(command.wait_for_line("127.0.0.1:9 does not serve yet"), "") << how;
    command.signal(SIGINT);
    EXPECT_EQ(command.wait(), 0) << how;
    EXPECT_EQ(command.output().find("registered"), std::string::npos) << command.output();
  }
}

TEST(EndlessCommand, WatchPrintsWhatIsThereAndEndsBySignal) {
  Command command({"watch", "--registry", "static://a:1,b:2", "g/v1"});
  const Json snapshot = command.event("snapshot");
  EXPECT_EQ(snapshot["status"], "live");
  ASSERT_EQ(snapshot["instances"].size(), 2u);
  EXPECT_EQ(snapshot["instances"][0]["address"], "a:1");
  command.process.signal(SIGTERM);
  EXPECT_EQ(command.process.wait(), 0);
}

TEST(EndlessCommand, WatchTellsHowEachInstanceIsAndWhy) {
  grpc::EnableDefaultHealthCheckService(true);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  const auto server = builder.BuildAndStart();
  const std::string up = "127.0.0.1:" + std::to_string(port), down = "127.0.0.1:9";
  const auto event = [&](const std::string& verdict, const std::string& why) {
    return "{\"address\":\"" + up + "\",\"verdict\":\"" + verdict + "\",\"why\":\"" + why + "\"}";
  };
  ChildProcess command(Command::with_program(
                           {"watch", "--health", "--registry", "static://" + up + "," + down, "g"}),
                       STDOUT_FILENO);
  const std::string failing =
      "\"verdict\":\"failing\",\"why\":\"the last attempt to connect failed\"";
  // Each line tells of all: one may say both.
  const std::string line = command.wait_for_line(event("serving", ""));
  EXPECT_NE(line, "") << command.output();
  if (line.find(failing) == std::string::npos) {
    EXPECT_NE(command.wait_for_line(failing), "");
  }
  server->GetHealthCheckService()->SetServingStatus("", false);
  EXPECT_NE(command.wait_for_line(event("not serving", "it says so (grpc.health.v1)")), "");
  server->Shutdown(std::chrono::system_clock::time_point());
  EXPECT_NE(command.wait_for_line(event("failing", "the last attempt to connect failed")), "");
  command.signal(SIGTERM);
  EXPECT_EQ(command.wait(), 0);
}

TEST(EndlessCommand, WatchingHealthNeedsANameOfAService) {
  ChildProcess command(Command::with_program({"watch", "--health", "--registry", "static://a:1"}));
  EXPECT_EQ(command.wait(), 2);
}

}  // namespace
}  // namespace brontes::testing
