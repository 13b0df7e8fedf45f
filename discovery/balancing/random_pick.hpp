// Any endpoint, each with the same chance.
#pragma once

#include <brontes/discovery/balancing/picker.hpp>
#include <cstdint>
#include <memory>

namespace brontes {

/// The same seed picks the same ones.
std::unique_ptr<BalancingPolicy> make_random(std::uint64_t seed);

}  // namespace brontes
