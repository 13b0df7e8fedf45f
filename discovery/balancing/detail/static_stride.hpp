// Turns in proportion to weights, without a lock: each turn costs the same, however many there are.
#pragma once

#include <brontes/discovery/balancing/detail/turns.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace brontes {

/// The static stride of gRPC's weighted round robin: turn t looks at entry t mod n in round t / n,
/// and takes it in as many of 65535 rounds as its weight says, spread evenly; if not, the next turn
/// is taken. One of mean weight has eight entries, and whoever weighs more has more of them: so
/// they are nearly alike, and turns are passed seldom, whatever the weights. Immutable,
/// thread-safe.
class StaticStride {
 public:
  /// At least one weight, none negative. 0 gets no turn, unless all are 0: then they are alike.
  explicit StaticStride(const std::vector<double>& weights);
  /// Whose turn it is: an index of the weights.
  std::size_t next(Turn& turn) const {
    const auto count = static_cast<std::uint32_t>(entries_.size());
    for (;;) {
      const std::uint32_t taken = turn.take_loosely(), at = taken % count, round = taken / count;
      const Entry& entry = entries_[at];
      const std::uint64_t step = std::uint64_t{entry.weight} * round + std::uint64_t{at} * kOffset;
      if (step % kMost >= kMost - entry.weight) return entry.index;
    }
  }

 private:
  static constexpr double kParts = 8;
  static constexpr std::uint32_t kMost = 65535, kOffset = kMost / 2;
  struct Entry {
    std::uint32_t index, weight;  // the largest weight is kMost: some turn is always taken
  };
  std::vector<Entry> entries_;
};

}  // namespace brontes
