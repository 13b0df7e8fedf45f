// The endpoint with the fewest calls in flight, of a few that are drawn at random. Looking at all
// of them would cost more, and send all channels to the same one.
#pragma once

#include <brontes/discovery/balancing/picker.hpp>
#include <cstdint>
#include <memory>

namespace brontes {

/// Of two with unequal weights the one with less (calls in flight + 1) / weight; of equal ones the
/// first. Draws 2 to 10. Blind for what calls cost and for errors: who fails fast gets more calls.
std::unique_ptr<BalancingPolicy> make_least_request(std::uint64_t seed, std::uint32_t choices = 2);

}  // namespace brontes
