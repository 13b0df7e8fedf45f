// Connections without calls hold no stop, whoever is at their other end.
#include <csignal>

#include "../runtime/raw_http2.hpp"
#include "child_process.hpp"
#include "node_world.hpp"

namespace brontes::testing {
namespace {

/// What the other end of an idle connection has said. gRPC waits for the answer to a PING before it
/// closes one, and none of these gives it.
const std::pair<const char*, std::string> kWords[] = {
    {"Nothing", ""},
    {"Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
    {"Greeting", http2_greeting()},
    {"ACallThatWasReset",
     http2_greeting() + call_headers("/Hello.Greeter/SayHello") + call_reset()},
};

struct IdleCaller : ::testing::TestWithParam<std::tuple<const char*, int>> {
  std::string mode() const { return std::get<0>(GetParam()); }
  const std::string& words() const { return kWords[std::get<1>(GetParam())].second; }
};

INSTANTIATE_TEST_SUITE_P(Every, IdleCaller,
                         ::testing::Combine(::testing::Values("shared", "two_ports", "grpc"),
                                            ::testing::Range(0, 4)),
                         [](const auto& info) {
                           return std::string(std::get<0>(info.param)) + "_" +
                                  kWords[std::get<1>(info.param)].first;
                         });

/// Its connections have ended before drain.max was over.
void expect_quick_stop(ChildProcess& greeter) {
  greeter.signal(SIGTERM);
  EXPECT_EQ(greeter.wait(), 0) << greeter.output();
  EXPECT_NE(greeter.output().find("\"let calls end\""), std::string::npos);
  EXPECT_EQ(greeter.output().find("closing who is still connected"), std::string::npos)
      << greeter.output();
}

TEST_P(IdleCaller, HoldsNoStop) {
  ChildProcess greeter({BRONTES_GREETER, "--listen", "127.0.0.1:0", "--set", "drain.min=0s",
                        "--set", "drain.max=10s", "--set", "mode=" + mode(), "--set",
                        "http_listen=127.0.0.1:0"});
  const std::string address = value_in(greeter.wait_for_line(" serving "), "address");
  ASSERT_NE(address, "") << greeter.output();
  const Speaker caller(std::stoi(address.substr(address.find(':') + 1)));
  caller.say(words());
  EXPECT_EQ(say(address, "brontes"), "hello, brontes");  // it has been accepted before this one
  expect_quick_stop(greeter);
}

/// Nothing but its own end closes a connection.
const std::vector<std::string> kPatient = {BRONTES_GREETER,
                                           "--listen",
                                           "127.0.0.1:0",
                                           "--set",
                                           "drain.min=0s",
                                           "--set",
                                           "drain.max=300ms",
                                           "--set",
                                           "http.header_timeout=10m",
                                           "--set",
                                           "http.body_timeout=10m",
                                           "--set",
                                           "http.idle_timeout=10m"};

// What no handler has seen is no call: its caller may make it elsewhere.
TEST(IdleHttpCaller, IsAlsoWhoHasSentHalfARequest) {
  ChildProcess greeter(kPatient);
  const std::string port = value_in(greeter.wait_for_line(" serving "), "http_port");
  ASSERT_NE(port, "") << greeter.output();
  const auto number = static_cast<std::uint16_t>(std::stoi(port));
  const Onlooker in_head(number, "POST /v1/say HTTP/1.1\r\nHost: lo"),
      in_body(number, "POST /v1/say HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{"),
      in_first_byte(number, "P");
  EXPECT_NE(http_get(number, "/v1/say/b").find("hello, b"), std::string::npos);
  greeter.signal(SIGTERM);
  EXPECT_EQ(greeter.wait(), 0) << greeter.output();
  EXPECT_EQ(in_head.read_all(), "");
  EXPECT_TRUE(in_body.read_all().starts_with("HTTP/1.1 503 "));
}

// Who does not answer a PING is let go of after 250 ms: here there is less time than that.
TEST(IdleChannel, MakesNoStopAFailureHoweverShortItIs) {
  ChildProcess greeter({BRONTES_GREETER, "--listen", "127.0.0.1:0", "--set", "drain.min=0s",
                        "--set", "drain.max=50ms"});
  const std::string address = value_in(greeter.wait_for_line(" serving "), "address");
  ASSERT_NE(address, "") << greeter.output();
  const Speaker caller(std::stoi(address.substr(address.find(':') + 1)));
  caller.say(http2_greeting());
  EXPECT_EQ(say(address, "brontes"), "hello, brontes");
  greeter.signal(SIGTERM);
  EXPECT_EQ(greeter.wait(), 0) << greeter.output();
}

// A stock client that keeps its connection.
TEST(IdleChannel, HoldsNoStop) {
  ChildProcess greeter({BRONTES_GREETER, "--listen", "127.0.0.1:0", "--set", "drain.min=0s",
                        "--set", "drain.max=10s"});
  const std::string address = value_in(greeter.wait_for_line(" serving "), "address");
  const auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  ASSERT_TRUE(channel->WaitForConnected(std::chrono::system_clock::now() + kHang));
  expect_quick_stop(greeter);
}

}  // namespace
}  // namespace brontes::testing
