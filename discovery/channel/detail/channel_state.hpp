// What the copies of a channel and its stubs share; the connections close with it.
#pragma once

#include <brontes/discovery/balancing/picker.hpp>
#include <brontes/discovery/channel/channel.hpp>
#include <brontes/discovery/channel/detail/channel_core.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace grpc {
class Channel;
class ChannelCredentials;
}  // namespace grpc

namespace brontes {

class BalancedChannel;

// Where a channel finds its endpoints.
struct EndpointSource {
  std::string registry;  // URL, for texts as well
  Query query;
  Resolver resolver;               // null: `fixed` is all there is
  std::vector<std::string> fixed;  // addresses
  bool is_plain = false;           // gRPC's own target: stock stubs get a channel of its own
};

/// Thread-safe.
struct Channel::State : std::enable_shared_from_this<Channel::State> {
  State(System& system, EndpointSource source, ChannelOptions options, const std::string& target);
  ~State();

  /// kInvalidArgument: bad balancing, or bad files of TLS.
  static Expected<Channel> open(System& system, EndpointSource source, ChannelOptions options,
                                const std::string& target);
  std::shared_ptr<grpc::ChannelInterface> stub_channel();

  const EndpointSource source;
  ChannelOptions options;
  std::shared_ptr<grpc::ChannelCredentials> credentials;  // null: plain text
  const std::shared_ptr<ChannelCore> core;

 private:
  Status choose_transport(System& system);
  std::shared_ptr<grpc::Channel> plain_channel() const;
  void start(System& system, std::unique_ptr<BalancingPolicy> policy);

  std::mutex mutex_;                      // guards what follows
  std::weak_ptr<BalancedChannel> stubs_;  // weak: it holds this
  std::shared_ptr<grpc::Channel> plain_;
};

}  // namespace brontes
