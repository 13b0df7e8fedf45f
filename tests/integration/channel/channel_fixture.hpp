// Two echo servers and channels to them.
#pragma once

#include <gtest/gtest.h>

#include <brontes/actors/system.hpp>
#include <brontes/discovery/channel/channel.hpp>
#include <brontes/discovery/channel/client_call.hpp>
#include <memory>
#include <string>

#include "echo_server.hpp"
#include "testing.brontes.hpp"

namespace brontes::testing {

using namespace std::chrono_literals;

/// Only for hangs: nothing that works takes as long.
constexpr auto kHang = 30s;

class ChannelTest : public ::testing::Test {
 protected:
  using Say = EchoMethods::Say;

  /// One after the other, so that a test knows who is called how often.
  static ChannelOptions in_turns() {
    ChannelOptions options;
    options.balancing = BalancingOptions{.policy = "round_robin"};
    return options;
  }
  /// In turns, unless the options say how.
  Channel open(const std::string& target, std::size_t ready, ChannelOptions options = {}) {
    if (!options.balancing) options.balancing = in_turns().balancing;
    auto channel = Channel::open(system, target, std::move(options));
    EXPECT_TRUE(channel) << channel.error().to_string();
    const Status status = channel->wait_ready(kHang, ready);
    EXPECT_TRUE(status.ok()) << status.to_string();
    return *channel;
  }
  /// How many endpoints calls go to.
  static std::size_t called(const Channel& channel) {
    std::size_t count = 0;
    for (const EndpointView& each : channel.endpoints()) count += each.called;
    return count;
  }
  std::string both() const { return "static://" + a->address() + "," + b->address(); }

  System system{{.threads = 2}};
  std::unique_ptr<EchoServer> a = std::make_unique<EchoServer>("A");
  std::unique_ptr<EchoServer> b = std::make_unique<EchoServer>("B");
};

}  // namespace brontes::testing
