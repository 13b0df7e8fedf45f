// How a channel spreads its calls, as settings and code say it. docs/balancing.md explains.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <chrono>
#include <cstdint>
#include <string>

namespace brontes {

/// A value. The members are named as the settings are: balancing.policy and so on.
struct BalancingOptions {
  std::string policy = "peak_ewma";                ///< policy_names() says which there are
  Duration decay = std::chrono::seconds(3);        ///< of what is known of an endpoint; 1 ms to 1 h
  std::uint64_t choices = 2;                       ///< least_request: so many are drawn; 2 to 10
  Duration slow_start = std::chrono::seconds(30);  ///< of new endpoints; 0 to 1 h; 0: none
  bool ejection = true;  ///< who fails again and again gets no calls for a while
  /// What keeps calls together, for ring_hash and prefer_percent: "header:x-user", "field:user.id".
  std::string key = {};
  /// ring_hash: times its share of the calls that an endpoint may have; 1 to 100, or 0: any number.
  double bounded_load = 1.25;
  std::string prefer = {};      ///< "version=v2, tags.zone=a": who is preferred; "": nobody
  double prefer_percent = 100;  ///< so many of the calls go to them; 0 to 100
};

/// kInvalidArgument: what cannot be, and the member that says so: "policy: 'best' is none of ...".
Status check(const BalancingOptions& options);

}  // namespace brontes
