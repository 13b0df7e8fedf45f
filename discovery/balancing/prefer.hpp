// Splits the endpoints by their records: calls go to those that are preferred, or a part of the
// calls does, as for a canary.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/discovery/balancing/picker.hpp>
#include <brontes/discovery/instance.hpp>
#include <cstdint>
#include <memory>
#include <string>

namespace brontes {

/// "version=v2, tags.zone=a, metadata.build=7": what all must be there in a record.
/// kInvalidArgument otherwise, also for nothing.
Expected<Query> parse_preference(const std::string& text);

struct Preference {
  Query wanted;
  double percent = 100;  ///< of the calls, 0 to 100: to those that match
};

/// Either side has a policy of its own. A side without an endpoint, or with excluded ones only,
/// leaves its calls to the other. Calls with a key are split by it: the same ones are among the
/// preferred each time, and stay so when the percentage grows.
std::unique_ptr<BalancingPolicy> make_prefer(Preference preference,
                                             std::unique_ptr<BalancingPolicy> matching,
                                             std::unique_ptr<BalancingPolicy> rest,
                                             std::uint64_t seed);

}  // namespace brontes
