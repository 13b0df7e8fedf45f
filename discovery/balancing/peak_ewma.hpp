// The endpoint that is likely to answer first, of two that are drawn at random: by latency, calls
// in flight, errors and weight.
#pragma once

#include <brontes/discovery/balancing/picker.hpp>
#include <cstdint>
#include <memory>

namespace brontes {

/// Takes the one with less
///
///     max(latency / success x e^(-age / decay), age of the oldest call that waits)
///         x (calls in flight + 1) / weight
///
/// where age is the time since the last answer. Who has nothing in flight and had no call for 3 s
/// is taken, so that it is found out who has recovered; so is, once, who never had any. Who has
/// no answer yet, but calls in flight or errors, counts as taking a second. Success is 0.01 at
/// least. Ages are told by ChannelLoad::recent(), which all candidates share.
std::unique_ptr<BalancingPolicy> make_peak_ewma(std::uint64_t seed);

}  // namespace brontes
