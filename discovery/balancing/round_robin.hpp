// One after the other. A channel starts at a random one, so that many channels do not all begin
// with the same endpoint.
#pragma once

#include <brontes/discovery/balancing/picker.hpp>
#include <cstdint>
#include <memory>

namespace brontes {

/// Goes on where it was when the set of endpoints changes.
std::unique_ptr<BalancingPolicy> make_round_robin(std::uint32_t start);

}  // namespace brontes
