// A ring of keys on which owners have points: a key belongs to the first point behind it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace brontes {

/// Consistent hashing. The circle is cut into as many slots as there are points, and a table says
/// with which point each begins, so that finding a key's point is two reads, and not a search.
/// Whoever leaves loses its keys to the next points on the circle, and no other key moves.
/// Immutable, thread-safe.
class SlotRing {
 public:
  struct Owner {
    std::string_view name;  ///< decides where its points are
    double weight = 1;
  };
  /// At least one, fewer than 2^32. An owner of mean weight has 64 to 128 points, up to 500 of
  /// them; beyond that all have fewer: 65,536 points together.
  explicit SlotRing(const std::vector<Owner>& owners);

  /// The place of the key's point; walk on with next().
  std::size_t find(std::uint64_t key) const {
    const auto hash = static_cast<std::uint32_t>(key >> 32);
    std::size_t at = slots_[hash >> shift_];
    while (points_[at].hash < hash) ++at;  // the last one is above any
    return at;
  }
  std::size_t next(std::size_t place) const { return place + 2 >= points_.size() ? 0 : place + 1; }
  /// Whose point that is: an index of the owners.
  std::uint32_t owner(std::size_t place) const { return points_[place].owner; }

 private:
  struct Point {
    std::uint32_t hash, owner;
  };
  int shift_ = 0;
  std::vector<std::uint32_t> slots_;  // place of the first point at or behind the slot's beginning
  std::vector<Point> points_;         // ascending; the last one stands for the first, behind zero
};

}  // namespace brontes
