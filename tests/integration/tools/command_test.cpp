// The commands as users run them, against a stock gRPC server with reflection.
#include <grpcpp/ext/proto_server_reflection_plugin.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <memory>

#include "command_world.hpp"

namespace brontes::cli {
namespace {

class CommandTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { grpc::reflection::InitProtoReflectionServerBuilderPlugin(); }
  CommandTest() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&greeter_);
    server_ = builder.BuildAndStart();
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string registry() const { return "static://" + address(); }

  /// The server goes away while it serves the call of that number.
  void stop_at(int number) {
    greeter_.on_call = [this, left = number]() mutable {
      if (--left == 0) stopping_ = std::async(std::launch::async, [this] { server_->Shutdown(); });
    };
  }
  Outcome call(std::vector<std::string> more) {
    std::vector<std::string> words{"call", "--registry", registry(), "greeter"};
    words.insert(words.end(), more.begin(), more.end());
    return brontes(words);
  }

 private:
  Greeter greeter_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::future<void> stopping_;  // ends before the server
};

using ListCommand = CommandTest;
using CallCommand = CommandTest;

TEST_F(ListCommand, PrintsTheRecordsOfTheRegistry) {
  const Outcome outcome = brontes({"list", "--json", "--registry", registry(), "greeter"});
  EXPECT_EQ(outcome.exit, kDone) << outcome.err;
  const auto events = outcome.events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]["event"], "snapshot");
  EXPECT_TRUE(events[0]["at_ms"].is_number());
  ASSERT_EQ(events[0]["instances"].size(), 1u);
  EXPECT_EQ(events[0]["instances"][0].size(), 12u);
  EXPECT_EQ(events[0]["instances"][0]["address"], address());
}

TEST_F(ListCommand, NothingFoundIsANegativeAnswer) {
  const Outcome outcome = brontes({"list", "--json", "--registry", "memory:", "greeter"});
  EXPECT_EQ(outcome.exit, kNegative) << outcome.err;
  ASSERT_EQ(outcome.events().size(), 1u);
  EXPECT_TRUE(outcome.events()[0]["instances"].empty());
}

TEST_F(ListCommand, AnUnusableRegistryIsBadUsage) {
  const Outcome outcome = brontes({"list", "--registry", "carrier-pigeon://x", "greeter"});
  EXPECT_EQ(outcome.exit, kBadUsage);
  EXPECT_TRUE(outcome.out.empty());
  EXPECT_NE(outcome.err.find("carrier-pigeon"), std::string::npos) << outcome.err;
}

TEST_F(ListCommand, SaysThatItWasToListAll) {
  const Outcome outcome =
      brontes({"list", "--registry", "etcd://127.0.0.1:1", "--deadline", "1"});  // milliseconds
  EXPECT_EQ(outcome.exit, kUnreachable) << outcome.err;
  EXPECT_NE(outcome.err.find("list all at etcd://"), std::string::npos) << outcome.err;
}

TEST_F(CommandTest, EveryHelpOfADeadlineSaysWhatABareNumberIs) {
  for (const char* command : {"list", "call"}) {
    const std::string text = brontes({"help", command}).out;
    const auto at = text.find("--deadline");
    ASSERT_NE(at, std::string::npos) << text;
    EXPECT_NE(text.substr(at, 150).find("a bare number is ms"), std::string::npos) << text;
  }
}

TEST_F(CommandTest, AccessToTheRegistryThatCannotBeIsBadUsageOfEveryCommand) {
  ::setenv("BRONTES_REGISTRY_TLS_CA", "/nowhere.pem", 1);
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"list"},
                                             {"watch"},
                                             {"call", "greeter", "Hello.Greeter/SayHello"},
                                             {"register", "--name", "n", "--address", "h:1"}}) {
    auto whole = words;
    whole.insert(whole.end(), {"--registry", registry()});
    const Outcome outcome = brontes(whole);
    EXPECT_EQ(outcome.exit, kBadUsage) << words[0];
    EXPECT_NE(outcome.err.find("BRONTES_REGISTRY_TLS_CA"), std::string::npos) << outcome.err;
  }
  ::unsetenv("BRONTES_REGISTRY_TLS_CA");
}

TEST_F(CallCommand, LearnsTheMethodFromTheServerAndPrintsTheReply) {
  const Outcome outcome = call({"Hello.Greeter/SayHello", R"({"name":"you"})", "--json"});
  EXPECT_EQ(outcome.exit, kDone) << outcome.err;
  ASSERT_EQ(outcome.events().size(), 1u);
  EXPECT_EQ(outcome.events()[0]["event"], "reply");
  EXPECT_EQ(outcome.events()[0]["message"], (nlohmann::json{{"message", "hello, you"}}));
}

TEST_F(CallCommand, PrintsTheReplyForPeople) {
  EXPECT_EQ(call({"Hello.Greeter/SayHello", R"({"name":"you"})"}).out,
            "{\"message\":\"hello, you\"}\n");
}

TEST_F(CallCommand, SendsHeaders) {
  const Outcome outcome =
      call({"Hello.Greeter/SayHello", R"({"name":"you"})", "--header", "X-Voice: loud"});
  EXPECT_EQ(outcome.out, "{\"message\":\"HELLO, you\"}\n");
}

TEST_F(CallCommand, AnErrorOfTheServiceIsANegativeAnswer) {
  const Outcome outcome = call({"Hello.Greeter/SayHello", "--json"});
  EXPECT_EQ(outcome.exit, kNegative);
  ASSERT_EQ(outcome.events().size(), 1u);
  EXPECT_EQ(outcome.events()[0]["event"], "error");
  EXPECT_EQ(outcome.events()[0]["code"], "INVALID_ARGUMENT");
  EXPECT_EQ(outcome.events()[0]["message"], "name is empty");
}

TEST_F(CallCommand, SummarisesManyCalls) {
  const Outcome outcome =
      call({"Hello.Greeter/SayHello", R"({"name":"you"})", "-n", "50", "-c", "4", "--json"});
  EXPECT_EQ(outcome.exit, kDone) << outcome.err;
  ASSERT_EQ(outcome.events().size(), 1u);
  const auto summary = outcome.events()[0];
  EXPECT_EQ(summary["event"], "summary");
  EXPECT_EQ(summary["ok"], 50);
  EXPECT_EQ(summary["errors"], nlohmann::json::object());
  EXPECT_EQ(summary["share"], (nlohmann::json{{address(), 50}}));
  EXPECT_EQ(summary["instances"][address()]["calls"], 50);
  EXPECT_EQ(summary["instances"][address()]["errors"], 0);
  EXPECT_LE(summary["instances"][address()]["p50_us"], summary["max_us"]);
  EXPECT_LE(summary["p50_us"], summary["p99_us"]);
  EXPECT_LE(summary["p99_us"], summary["max_us"]);
}

TEST_F(CallCommand, ShowsPeopleTheShareOfEachInstance) {
  const std::string text =
      call({"Hello.Greeter/SayHello", R"({"name":"you"})", "-n", "8", "--policy", "random"}).out;
  EXPECT_NE(text.find("  INSTANCE"), std::string::npos) << text;
  EXPECT_NE(text.find("  CALLS    SHARE  ERRORS"), std::string::npos) << text;
  EXPECT_NE(text.find("  " + address() + "      8  100.0 %       0  "), std::string::npos) << text;
}

TEST_F(CallCommand, CountsErrorsByCode) {
  const Outcome outcome = call({"Hello.Greeter/SayHello", "{}", "-n", "3", "--json"});
  EXPECT_EQ(outcome.exit, kNegative);
  ASSERT_EQ(outcome.events().size(), 1u);
  EXPECT_EQ(outcome.events()[0]["errors"], (nlohmann::json{{"INVALID_ARGUMENT", 3}}));
}

TEST_F(CallCommand, AnUnknownMethodOrServiceTellsWhichThereAre) {
  const Outcome method = call({"Hello.Greeter/SayGoodbye"});
  EXPECT_EQ(method.exit, kNegative);
  EXPECT_NE(method.err.find("it has: SayHello"), std::string::npos) << method.err;
  const Outcome service = call({"Hello.Waiter/SayHello"});
  EXPECT_EQ(service.exit, kNegative);
  EXPECT_NE(service.err.find("Hello.Greeter"), std::string::npos) << service.err;
}

TEST_F(CallCommand, InputThatDoesNotFitIsBadUsage) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"Hello.Greeter/SayHello", "{\"name\":"},
           {"Hello.Greeter/SayHello", "{\"nick\":\"x\"}"},
           {"Hello.Greeter"},
           {"Hello.Greeter/SayHello", "{}", "-n", "none"},
           {"Hello.Greeter/SayHello", "{}", "--header", "nocolon"},
           {"Hello.Greeter/SayHello", "{}", "--policy", "favourites"}}) {
    const Outcome outcome = call(words);
    EXPECT_EQ(outcome.exit, kBadUsage) << ::testing::PrintToString(words) << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  }
}

TEST_F(CallCommand, AServiceThatIsNotRegisteredIsANegativeAnswer) {
  const Outcome outcome =
      brontes({"call", "--registry", "memory:", "greeter", "Hello.Greeter/SayHello"});
  EXPECT_EQ(outcome.exit, kNegative) << outcome.err;
}

TEST_F(CallCommand, AServerThatIsGoneIsUnreachable) {
  // Port 9 (discard) of this machine: nobody listens there, and no server of ours can be given it.
  const Outcome outcome = brontes({"call", "--registry", "static://127.0.0.1:9", "greeter",
                                   "Hello.Greeter/SayHello", "--deadline", "300ms"});
  EXPECT_EQ(outcome.exit, kUnreachable) << outcome.err;
}

TEST_F(CallCommand, VerboseTellsWhatTheBalancerLearns) {
  const Outcome outcome = brontes({"call", "--registry", "static://127.0.0.1:9", "greeter",
                                   "Hello.Greeter/SayHello", "--deadline", "300", "--verbose"});
  EXPECT_NE(outcome.err.find("address=127.0.0.1:9 state="), std::string::npos) << outcome.err;
}

TEST_F(CallCommand, WithJsonEveryFailureIsAnErrorEvent) {
  const std::vector<std::string> away{"call",
                                      "--registry",
                                      "static://127.0.0.1:9",
                                      "greeter",
                                      "Hello.Greeter/SayHello",
                                      "--deadline",
                                      "1ms",
                                      "--json"};
  const std::vector<std::string> unknown{
      "call", "--registry", "memory:", "greeter", "Hello.Greeter/SayHello", "--json"};
  for (const auto& [words, code] :
       {std::pair(away, "UNAVAILABLE"), std::pair(unknown, "NOT_FOUND")}) {
    const Outcome outcome = brontes(words);
    ASSERT_EQ(outcome.events().size(), 1u) << outcome.out;
    EXPECT_EQ(outcome.events()[0]["event"], "error");
    EXPECT_EQ(outcome.events()[0]["code"], code);
    EXPECT_TRUE(outcome.events()[0]["at_ms"].is_number());
    EXPECT_EQ(outcome.out.find("wait_ready"), std::string::npos) << outcome.out;
  }
}

TEST_F(CallCommand, ManyCallsEndWhenNothingCanBeReachedAnyMore) {
  stop_at(1);
  const Outcome outcome = call({"Hello.Greeter/SayHello", R"({"name":"you"})", "-n", "1000",
                                "--deadline", "300ms", "--json"});
  EXPECT_EQ(outcome.exit, kUnreachable) << outcome.err;
  ASSERT_EQ(outcome.events().size(), 1u);
  EXPECT_GT(outcome.events()[0]["not_made"], 0);
}

TEST_F(ListCommand, AnAddressOfWhichNobodySaidTheNameHasADash) {
  const Outcome outcome = brontes({"list", "--registry", registry()});
  EXPECT_EQ(outcome.exit, kDone) << outcome.err;
  EXPECT_NE(outcome.out.find("\n-     -        " + address()), std::string::npos) << outcome.out;
}

TEST_F(ListCommand, WithoutANameTheAnswerSpeaksOfNone) {
  const Outcome outcome = brontes({"list", "--registry", "memory:"});
  EXPECT_TRUE(outcome.out.starts_with("nothing is registered")) << outcome.out;
}

TEST_F(CommandTest, AnUnknownCommandIsBadUsageAndGetsASuggestion) {
  const Outcome outcome = brontes({"lsit"});
  EXPECT_EQ(outcome.exit, kBadUsage);
  EXPECT_EQ(outcome.err, "brontes: unknown command 'lsit'; did you mean 'list'?\n");
}

TEST_F(CommandTest, HelpIsAskedForInEverySpelling) {
  const std::string page = brontes({"help", "call"}).out;
  EXPECT_TRUE(page.starts_with("usage: brontes call --registry URL"));
  EXPECT_EQ(brontes({"call", "--help"}).out, page);
  EXPECT_EQ(brontes({"--help"}).exit, kDone);
  EXPECT_EQ(brontes({}).exit, kBadUsage);
}

}  // namespace
}  // namespace brontes::cli
