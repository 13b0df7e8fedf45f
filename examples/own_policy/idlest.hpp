// A balancing policy of one's own: the endpoint with the fewest calls in flight, of all of them.
#pragma once

#include <brontes/discovery/balancing/policies.hpp>
#include <utility>
#include <vector>

// [policy]
class Idlest final : public brontes::Picker {
 public:
  explicit Idlest(std::vector<brontes::Candidate> candidates) : Picker(std::move(candidates)) {}

  brontes::PickResult pick(const brontes::PickArgs& args) const noexcept override {
    brontes::Endpoint* best = nullptr;
    for (const brontes::Candidate& each : candidates()) {
      brontes::Endpoint* const endpoint = each.endpoint.get();
      if (args.excludes(endpoint)) continue;  // a retry goes elsewhere
      if (!best || endpoint->stats().in_flight() < best->stats().in_flight()) best = endpoint;
    }
    if (!best) return {nullptr, brontes::NoPick::kAllExcluded};
    return {best};
  }
};

// First thing in main(): from now on `policy: idlest` will do, in settings and in code.
inline brontes::Status register_idlest() {
  return brontes::register_policy("idlest",
                                  [](const brontes::BalancingOptions&, std::uint64_t /*seed*/) {
                                    return brontes::policy_of<Idlest>("idlest");
                                  });
}
// [/policy]
