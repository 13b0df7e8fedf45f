// The commands that run until they are told to end, as processes.
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

}  // namespace
}  // namespace brontes::testing
