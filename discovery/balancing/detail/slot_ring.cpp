#include <algorithm>
#include <bit>
#include <brontes/discovery/balancing/call_key.hpp>
#include <brontes/discovery/balancing/detail/slot_ring.hpp>
#include <cmath>

namespace brontes {
namespace {

constexpr double kPoints = 128, kMostPoints = 65'536;

// How many points go with a weight of one. In powers of two, so that most changes of the owners
// leave all other points where they are.
double points_per_weight(const std::vector<SlotRing::Owner>& owners) {
  double sum = 0;
  for (const auto& owner : owners) sum += owner.weight;
  if (sum == 0) return 0;
  const double mean = sum / static_cast<double>(owners.size());
  const double unit = std::exp2(std::ceil(std::log2(mean)));
  return std::min(kPoints / unit, kMostPoints / sum);
}

}  // namespace

SlotRing::SlotRing(const std::vector<Owner>& owners) {
  const double per_weight = points_per_weight(owners);
  for (std::size_t i = 0; i < owners.size(); ++i) {
    const auto count = std::max(std::round(owners[i].weight * per_weight), 1.0);
    std::uint64_t seed = key_hash(owners[i].name);
    for (double made = 0; made < count; ++made)
      points_.push_back({static_cast<std::uint32_t>(mix(seed += 0x9e3779b97f4a7c15) >> 32),
                         static_cast<std::uint32_t>(i)});
  }
  std::stable_sort(points_.begin(), points_.end(),
                   [](const Point& a, const Point& b) { return a.hash < b.hash; });
  const int bits = std::clamp(static_cast<int>(std::bit_width(points_.size() - 1)), 1, 31);
  shift_ = 32 - bits;
  slots_.resize(std::size_t{1} << bits);
  std::size_t at = 0;
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    while (at < points_.size() && points_[at].hash >> shift_ < slot) ++at;
    slots_[slot] = static_cast<std::uint32_t>(at);
  }
  points_.push_back({UINT32_MAX, points_.front().owner});
}

}  // namespace brontes
