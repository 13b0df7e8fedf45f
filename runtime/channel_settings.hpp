// Channels that a node opens by name: `channels.NAME` of the settings. docs/calling.md explains.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/discovery/channel/channel.hpp>
#include <brontes/discovery/channel/method_policy.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace brontes {

struct Settings;

/// A value, as the settings are. What is not said is as the node's settings say, or the default.
struct ChannelSettings {
  std::string target{};                           ///< as Channel::open takes it; needed
  std::string service{};                          ///< "pkg.Service": of methods with short names
  std::map<std::string, std::string> metadata{};  ///< of each call that brings no such key
  bool tls = false;                               ///< `tls.enabled`
  ClientTls tls_files{};                          ///< `tls.ca` and so on; means nothing without tls
  std::map<std::string, std::string>
      balancing{};  ///< {"policy", "round_robin"}: on top of the node's
  double retry_budget = 0.2, hedge_budget = 0.05;
  std::optional<Duration> deadline_margin{};
  std::uint64_t max_waiting_calls = 1024;
  MethodPolicies methods{};  ///< "*": what is said of the channel as a whole
  std::string origin{};      ///< "app.yaml:7": of what was said first, for what is said of mistakes
};

/// What the settings mean: options for Channel::open. kNotFound: no channel has that name; the text
/// names those that there are. kInvalidArgument: balancing that cannot be.
Expected<ChannelOptions> options_of(const Settings& settings, const std::string& channel);

}  // namespace brontes
