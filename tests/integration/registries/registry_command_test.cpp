// The programs on a real etcd and a real Consul: a node that registers itself, and the commands
// that find and call it.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "child_process.hpp"
#include "consul_agent.hpp"
#include "discovery_diary.hpp"
#include "etcd_cluster.hpp"
#include "registry_process.hpp"

namespace brontes::testing {
namespace {

using Json = nlohmann::json;

struct Commands {
  ChildProcess start(std::vector<std::string> words) {
    words.insert(words.begin(), BRONTES_COMMAND);
    words.insert(words.end(), {"--registry", url, "--json"});
    return ChildProcess(words, STDOUT_FILENO);
  }
  static Json event(ChildProcess& process, const std::string& name) {
    const std::string line = process.wait_for_line("\"event\":\"" + name + "\"");
    EXPECT_NE(line, "") << process.output();
    return line.empty() ? Json() : Json::parse(line);
  }
  /// Exit code and events of a command that ends by itself.
  std::pair<int, std::vector<Json>> run(std::vector<std::string> words) {
    ChildProcess process = start(std::move(words));
    const int exit = process.wait();
    std::vector<Json> events;
    std::istringstream lines(process.output());
    for (std::string line; std::getline(lines, line);) events.push_back(Json::parse(line));
    return {exit, events};
  }
  std::string url;
};

struct RegistryCommand : Commands, ::testing::TestWithParam<std::string> {
  void SetUp() override {
    if (GetParam() == "etcd") {
      NEEDS_ETCD();
      url = shared_etcd().url(fresh_prefix());
    } else {
      NEEDS_CONSUL();
      url = shared_consul().url(fresh_prefix());
    }
  }
};

TEST_P(RegistryCommand, RegisterIsSeenByListAndWatchOfOtherProcesses) {
  ChildProcess watch = start({"watch", "svc"});
  EXPECT_EQ(event(watch, "snapshot")["instances"].size(), 0u);
  ChildProcess record = start(
      {"register", "--name", "svc", "--version", "v1", "--id", "one", "--address", "127.0.0.1:80"});
  const Json registered = event(record, "registered");
  EXPECT_EQ(registered["key"], "svc/v1/one");
  EXPECT_NE(registered["lease"], "");
  EXPECT_EQ(event(watch, "snapshot")["instances"][0], registered["instance"]);
  const auto [exit, events] = run({"list", "svc/v1"});
  EXPECT_EQ(exit, 0);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]["instances"][0], registered["instance"]);
  record.signal(SIGTERM);
  event(record, "deregistered");
  EXPECT_EQ(record.wait(), 0);
  EXPECT_EQ(run({"list", "svc"}).first, 1);
  watch.signal(SIGTERM);
}

TEST_P(RegistryCommand, ANodeRegistersItselfAndIsCalledByName) {
  ChildProcess node(
      {GREETER_PROGRAM, "--listen", "127.0.0.1:0", "--registry", url, "--set", "drain.min=0s"});
  ASSERT_NE(node.wait_for_line("registered key=greeter/v1/"), "") << node.output();
  const auto [exit, events] =
      run({"call", "greeter", "Hello.Greeter/SayHello", "{\"name\":\"" + GetParam() + "\"}"});
  EXPECT_EQ(exit, 0);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]["message"]["message"], "hello, " + GetParam());
  node.signal(SIGTERM);
  EXPECT_EQ(node.wait(), 0);
  EXPECT_EQ(run({"list"}).first, 1);
}

TEST_P(RegistryCommand, ARegistryThatCannotBeReachedIsExitThree) {
  url = GetParam() + "://127.0.0.1:1";
  const auto [exit, events] = run({"list", "svc"});
  EXPECT_EQ(exit, 3);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]["code"], "UNAVAILABLE");
  url = GetParam() + "://127.0.0.1:1?prefix=/a%20b";
  EXPECT_EQ(run({"list", "svc"}).first, 2);
}

/// Set for this process and its children, as long as the object lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;

 private:
  const char* name_;
};

TEST(WatchCommand, TellsWhatThereIsWhenTheRegistryComesLate) {
  const std::string address = RegistryProcess().address();  // which has ended
  Commands commands;
  commands.url = "etcd://" + address;
  ChildProcess watch = commands.start({"watch", "svc"});
  Commands::event(watch, "stale");
  RegistryProcess late({}, address);
  Commands::event(watch, "live");
  EXPECT_EQ(Commands::event(watch, "snapshot")["instances"].size(), 0u);
}

TEST(WatchCommand, StartsFromTheDiskWhileTheRegistryIsAway) {
  std::string directory = ::testing::TempDir() + "watch.XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const Variable kept("BRONTES_DISCOVERY_SNAPSHOT_DIR", directory.c_str());
  Commands commands;
  std::string address;
  Json known;
  {
    RegistryProcess registry;
    address = registry.address();
    commands.url = registry.url();
    ChildProcess record =
        commands.start({"register", "--name", "svc", "--id", "one", "--address", "127.0.0.1:80"});
    Commands::event(record, "registered");
    ChildProcess watch = commands.start({"watch", "svc"});
    known = Commands::event(watch, "snapshot")["instances"];
    ASSERT_EQ(known.size(), 1u);
    watch.signal(SIGTERM);
    EXPECT_EQ(watch.wait(), 0);
  }
  ChildProcess watch = commands.start({"watch", "svc"});
  const Json stale = Commands::event(watch, "stale");
  EXPECT_GE(stale["age_ms"], 0);
  EXPECT_NE(stale["cause"], "");
  EXPECT_EQ(stale["file"].get<std::string>().find(directory), 0u) << stale;
  const Json snapshot = Commands::event(watch, "snapshot");
  EXPECT_EQ(snapshot["status"], "stale");
  EXPECT_EQ(snapshot["instances"], known);
  RegistryProcess late({}, address);
  Commands::event(watch, "live");
  EXPECT_EQ(Commands::event(watch, "snapshot")["instances"].size(), 0u);
  watch.signal(SIGTERM);
  EXPECT_EQ(watch.wait(), 0);
  std::filesystem::remove_all(directory);
}

INSTANTIATE_TEST_SUITE_P(Over, RegistryCommand, ::testing::Values("etcd", "consul"),
                         [](const auto& kind) { return kind.param; });

struct Environment : Commands, ::testing::Test {};

TEST_F(Environment, SaysWhoWeAreToAnEtcd) {
  NEEDS_ETCD();
  const EtcdCluster etcd;
  etcd.demand_passwords();
  url = etcd.url("/p");
  const auto refused = run({"list", "greeter"});
  EXPECT_EQ(refused.first, 3);
  ASSERT_EQ(refused.second.size(), 1u);
  EXPECT_EQ(refused.second[0]["code"], "UNAUTHENTICATED");

  const Variable user("BRONTES_REGISTRY_AUTH_USER", "me");
  EXPECT_EQ(run({"list", "greeter"}).first, 2);  // a user without a password
  const Variable password("BRONTES_REGISTRY_AUTH_PASSWORD", "secret");
  ChildProcess watch = start({"watch", "greeter"});
  EXPECT_EQ(event(watch, "snapshot")["instances"].size(), 0u);
  ChildProcess node(
      {GREETER_PROGRAM, "--listen", "127.0.0.1:0", "--registry", url, "--set", "drain.min=0s"});
  ASSERT_NE(node.wait_for_line("registered key=greeter/v1/"), "") << node.output();
  EXPECT_EQ(event(watch, "snapshot")["instances"].size(), 1u);
  ChildProcess record =
      start({"register", "--name", "greeter", "--version", "v2", "--address", "127.0.0.1:80"});
  event(record, "registered");
  const auto [exit, events] = run({"list", "greeter"});
  EXPECT_EQ(exit, 0);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]["instances"].size(), 2u);
  const auto called = run({"call", "greeter/v1", "Hello.Greeter/SayHello", "{\"name\":\"me\"}"});
  EXPECT_EQ(called.first, 0);
  for (ChildProcess* process : {&watch, &record, &node}) process->signal(SIGTERM);
  EXPECT_EQ(record.wait(), 0);
  EXPECT_EQ(node.wait(), 0);
}

TEST_F(Environment, SaysWhoWeAreToAConsul) {
  NEEDS_CONSUL();
  const ConsulAgent consul({.more = ConsulAgent::demand_tokens()});
  url = consul.url("/p");
  {
    const Variable wrong("BRONTES_REGISTRY_AUTH_PASSWORD", "no-such-token");
    const auto refused = run({"list", "greeter"});
    EXPECT_EQ(refused.first, 3);
    EXPECT_EQ(refused.second.at(0)["code"], "PERMISSION_DENIED");
  }
  const Variable token("BRONTES_REGISTRY_AUTH_PASSWORD",
                       consul
                           .token_for("service_prefix \"\" { policy = \"write\" } "
                                      "node_prefix \"\" { policy = \"read\" }")
                           .c_str());
  ChildProcess node(
      {GREETER_PROGRAM, "--listen", "127.0.0.1:0", "--registry", url, "--set", "drain.min=0s"});
  ASSERT_NE(node.wait_for_line("registered key=greeter/v1/"), "") << node.output();
  ChildProcess record =
      start({"register", "--name", "greeter", "--version", "v2", "--address", "127.0.0.1:80"});
  event(record, "registered");
  EXPECT_EQ(run({"list", "greeter"}).second.at(0)["instances"].size(), 2u);
  const auto called = run({"call", "greeter/v1", "Hello.Greeter/SayHello", "{\"name\":\"me\"}"});
  EXPECT_EQ(called.first, 0);
  for (ChildProcess* process : {&record, &node}) process->signal(SIGTERM);
  EXPECT_EQ(record.wait(), 0);
  EXPECT_EQ(node.wait(), 0);
}

}  // namespace
}  // namespace brontes::testing
