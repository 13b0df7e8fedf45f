// Policies by name: those of brontes, and those that an application adds.
#pragma once

#include <brontes/discovery/balancing/balancing_options.hpp>
#include <brontes/discovery/balancing/picker.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace brontes {

/// Makes the policy of one channel, from options that have been checked. The seed is to be used for
/// whatever is random, so that a scenario with a seed runs the same way each time.
using PolicyFactory = std::function<std::unique_ptr<BalancingPolicy>(
    const BalancingOptions& options, std::uint64_t seed)>;

/// From now on channels of this process may be told `policy: NAME`; to be called before settings
/// are loaded. kAlreadyExists: another one has that name. Thread-safe.
Status register_policy(std::string name, PolicyFactory factory);

/// In alphabetical order. Thread-safe.
std::vector<std::string> policy_names();

/// kInvalidArgument unless there is one: "'best' is none of least_request, ...".
Status check_policy(const std::string& name);

/// kInvalidArgument unless it is 0, or 1 to 100.
Status check_bounded_load(double times);

/// With `prefer`, two policies of that name behind a split. kInvalidArgument as check() has it.
Expected<std::unique_ptr<BalancingPolicy>> make_policy(const BalancingOptions& options,
                                                       std::uint64_t seed);

}  // namespace brontes
