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

TEST_P(IdleCaller, HoldsNoStop) {
  ChildProcess greeter({BRONTES_GREETER, "--listen", "127.0.0.1:0", "--set", "drain.min=0s",
                        "--set", "drain.max=10s", "--set", "mode=" + mode(), "--set",
                        "http_listen=127.0.0.1:0"});
  const std::string address = value_in(greeter.wait_for_line(" serving "), "address");
  ASSERT_NE(address, "") << greeter.output();
  const Speaker caller(std::stoi(address.substr(address.find(':') + 1)));
  caller.say(words());
  EXPECT_EQ(say(address, "brontes"), "hello, brontes");  // it has been accepted before this one
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
  greeter.signal(SIGTERM);
  EXPECT_EQ(greeter.wait(), 0) << greeter.output();
}

}  // namespace
}  // namespace brontes::testing
