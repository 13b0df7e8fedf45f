// What stands with each endpoint of a service: registry, connection and what it says of itself.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/discovery/channel/channel.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace brontes::cli {

struct EndpointHealth {
  std::string address;
  /// "serving"; "not serving" or "silent" when it was asked (grpc.health.v1); or why it was not:
  /// "connecting", "idle", "failing", "drained".
  std::string verdict;
  std::string why;  ///< "" if the verdict says it all
  bool operator==(const EndpointHealth&) const = default;
};

/// `answer`: what a connected endpoint said when it was asked, serialised; none: it was not asked.
EndpointHealth judge(const EndpointView& endpoint,
                     const std::optional<Expected<std::string>>& answer);

/// Asks again and again. Not thread-safe.
class HealthWatch {
 public:
  /// `channel` tells which endpoints there are; `tls` and `authority`, the service's name, are how
  /// they are asked.
  HealthWatch(System& system, Channel channel, std::optional<ClientTls> tls, std::string authority)
      : system_(system),
        channel_(std::move(channel)),
        tls_(std::move(tls)),
        authority_(std::move(authority)) {}

  /// Asks all that are connected at once; blocks for a second at most.
  std::vector<EndpointHealth> look();

 private:
  const Channel* way_to(const std::string& address);

  System& system_;
  const Channel channel_;
  const std::optional<ClientTls> tls_;
  const std::string authority_;
  std::map<std::string, Channel> ways_;  // by address: each is asked, whatever a balancer thinks
};

}  // namespace brontes::cli
