// Unary calls under virtual time, over connections by script.
#pragma once

#include <brontes/actors/testkit/gtest.hpp>
#include <brontes/discovery/channel/client_call.hpp>
#include <brontes/discovery/channel/detail/channel_core.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "../fake_transport.hpp"

namespace brontes::testing {

using namespace std::chrono_literals;

struct ClientCallScenario : ScenarioTest {
  ~ClientCallScenario() override {
    channel.reset();
    run();
  }
  void open(const std::string& addresses, ChannelOptions options = {}) {
    options.transport = transport;
    if (!options.balancing)
      options.balancing = BalancingOptions{.policy = "round_robin", .ejection = ejection};
    options.seed = 2;  // even: the first in turn is a:1
    auto opened = Channel::open(system(), "static://" + addresses, options);
    ASSERT_TRUE(opened) << opened.error().to_string();
    channel = *opened;
    run();
    for (const auto& [address, connection] : transport->connections)
      connection->report(Connectivity::kReady);
    run();
  }
  void start(CallOptions options = {}) {
    on_result(start_unary_call(*channel, "/s/m", "body", std::move(options)),
              [this](const CallResult& ended) { result = ended; });
    run();
  }
  /// The first one that waits at that address.
  void answer(const std::string& address, UnaryReply reply) {
    transport->at(address).take()(std::move(reply));
    run();
  }
  std::size_t requests(const std::string& address) {
    return transport->at(address).requests.size();
  }

  bool ejection = true;
  std::shared_ptr<FakeTransport> transport = std::make_shared<FakeTransport>();
  std::optional<Channel> channel;
  std::optional<CallResult> result;
};

}  // namespace brontes::testing
