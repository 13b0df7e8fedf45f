// The same endpoint for the same key, as far as it is there and not overloaded.
#pragma once

#include <brontes/discovery/balancing/picker.hpp>
#include <cstdint>
#include <memory>

namespace brontes {

/// Consistent hashing of PickArgs::key over the addresses, by the weights of the records: all
/// processes agree. When one of n endpoints comes or goes one n-th of the keys move. An endpoint
/// is passed, and the key goes to the next one on the ring, while it has
///
///     calls in flight + 1 > ceil(bounded_load x its share of (calls in flight on all + 1))
///
/// 0 switches that off. Concurrent picks may see the same counts. A call without a key goes to a
/// random point of the ring.
std::unique_ptr<BalancingPolicy> make_ring_hash(std::uint64_t seed, double bounded_load = 1.25);

}  // namespace brontes
