// In turns, in proportion to the weights of the candidates.
#pragma once

#include <brontes/discovery/balancing/picker.hpp>
#include <cstdint>
#include <memory>

namespace brontes {

/// Goes on where it was when endpoints or weights change.
std::unique_ptr<BalancingPolicy> make_weighted(std::uint32_t start);

/// The same, by weights into which the load balancer puts how busy the servers say they are.
std::unique_ptr<BalancingPolicy> make_load(std::uint32_t start);

}  // namespace brontes
