// How a process ends that does not simply stop: signals while it starts or hangs, escalation.
#include <csignal>
#include <sstream>
#include <tuple>

#include "child_process.hpp"
#include "node_world.hpp"

namespace brontes::testing {
namespace {

std::vector<std::string> odd(const std::string& how) {
  return {BRONTES_ODD_NODE, how, "--set", "drain.min=0s"};
}

TEST(NodeProcess, ASignalWhileItStartsBreaksTheStartOff) {
  ChildProcess node(odd("hang_in_start"));
  ASSERT_NE(node.wait_for_line("\"start handlers\""), "");
  node.signal(SIGTERM);
  EXPECT_EQ(node.wait(), 0) << node.output();
  EXPECT_NE(node.output().find("\"on_start hang\""), std::string::npos) << node.output();
  EXPECT_EQ(node.output().find("\"open doors\""), std::string::npos) << node.output();
}

TEST(NodeProcess, AServiceThatCannotStartIsOneLineAndAnExitCode) {
  ChildProcess node(odd("broken_service"));
  EXPECT_EQ(node.wait(), 1);
  EXPECT_EQ(node.output(),
            "odd_node: start handlers: Hello.Greeter: its constructor threw: no database\n");
}

TEST(NodeProcess, AThirdSignalEndsItAtOnce) {
  ChildProcess node(odd("hang_in_stop"));
  ASSERT_NE(node.wait_for_line(" serving "), "");
  node.signal(SIGTERM);
  ASSERT_NE(node.wait_for_line("\"close doors\""), "") << node.output();
  node.signal(SIGTERM);
  ASSERT_NE(node.wait_for_line(" count=2"), "");
  node.signal(SIGTERM);
  EXPECT_EQ(node.wait(), 128 + SIGTERM) << node.output();
  EXPECT_EQ(node.output().find("\"stop actors\""), std::string::npos) << "it did not hang";
}

TEST(NodeProcess, AHookThatHangsIsNamedAndLeftBehind) {
  ChildProcess node(odd("hang_in_stop"));
  ASSERT_NE(node.wait_for_line(" serving "), "");
  node.signal(SIGTERM);
  EXPECT_EQ(node.wait(), 1) << node.output();
  const auto at = node.output().find("phase failed run=stop phase=\"on_stop hang\"");
  EXPECT_NE(at, std::string::npos) << node.output();
  EXPECT_NE(node.output().find("\"stop actors\"", at), std::string::npos) << node.output();
  EXPECT_NE(node.output().find("\nodd_node: stop: on_stop hang: "), std::string::npos)
      << node.output();
}

// Both waits are bounded, each by its own setting; the other one is an hour.
TEST(NodeProcess, AClientThatTakesNothingOfItsAnswerHoldsTheStopNoLongerThanItMay) {
  for (const auto& [drain, write, code] :
       {std::tuple("100ms", "1h", 1), std::tuple("1h", "100ms", 0)}) {
    auto command = odd("large_answer");
    for (const std::string& setting :
         {std::string("drain.max=") + drain, std::string("http.write_timeout=") + write})
      command.insert(command.end(), {"--set", setting});
    ChildProcess node(command);
    const auto port = value_in(node.wait_for_line(" serving "), "http_port");
    ASSERT_NE(port, "") << node.output();
    const Onlooker lazy(static_cast<std::uint16_t>(std::stoi(port)),
                        "GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(lazy.hears());
    node.signal(SIGTERM);
    EXPECT_EQ(node.wait(), code) << node.output();
    EXPECT_NE(node.output().find("phase ended run=stop phase=\"flush the log\""), std::string::npos)
        << node.output();
  }
}

// Whoever collects the log reads a line as an object, or not at all.
TEST(NodeProcess, ALogInJsonIsJsonToTheLastLine) {
  auto forced = odd("fine"), broken = odd("broken_service");
  for (auto* command : {&forced, &broken})
    command->insert(command->end(), {"--set", "log.format=json", "--set", "drain.min=10m"});
  ChildProcess first(forced), second(broken);
  ASSERT_NE(first.wait_for_line("\"serving\""), "") << first.output();
  first.signal(SIGTERM);
  ASSERT_NE(first.wait_for_line("drain the record"), "") << first.output();
  first.signal(SIGTERM);
  EXPECT_EQ(first.wait(), 1) << first.output();
  EXPECT_EQ(second.wait(), 1) << second.output();
  for (const auto& [said, why] : {std::pair(first.output(), "a second signal cut the waits"),
                                  std::pair(second.output(), "its constructor threw")}) {
    std::istringstream lines(said);
    std::string last;
    for (std::string line; std::getline(lines, line); last = line)
      EXPECT_TRUE(line.starts_with("{\"") && line.ends_with("}")) << line;
    EXPECT_NE(last.find(why), std::string::npos) << said;
  }
}

TEST(NodeProcess, AnActorThatKeepsCrashingDrainsTheNode) {
  ChildProcess node(odd("crash"));
  const auto port = value_in(node.wait_for_line(" serving "), "http_port");
  ASSERT_NE(port, "") << node.output();
  (void)http_get(static_cast<std::uint16_t>(std::stoi(port)), "/crash");
  EXPECT_EQ(node.wait(), 1) << node.output();
  const std::string& said = node.output();
  EXPECT_NE(said.find("phase ended run=stop phase=\"deregister\""), std::string::npos) << said;
  EXPECT_NE(said.find("odd_node: supervisor node gives up: child fragile crashed"),
            std::string::npos)
      << said;
  EXPECT_NE(said.find("out of luck"), std::string::npos) << said;
}

}  // namespace
}  // namespace brontes::testing
