#include <algorithm>
#include <brontes/discovery/balancing/detail/static_stride.hpp>
#include <cmath>
#include <numeric>

namespace brontes {

StaticStride::StaticStride(const std::vector<double>& weights) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  const auto heavy = std::count_if(weights.begin(), weights.end(), [](double w) { return w > 0; });
  const auto weight = [&](std::size_t i) { return sum > 0 ? weights[i] : 1; };
  const double part = sum > 0 ? sum / static_cast<double>(heavy) / kParts : 1;
  const auto parts = [&](std::size_t i) {
    return static_cast<std::size_t>(std::ceil(weight(i) / part));
  };
  double largest = 0;
  std::size_t total = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (parts(i) > 0) largest = std::max(largest, weight(i) / static_cast<double>(parts(i)));
    total += parts(i);
  }
  // The entries of each are spread evenly over all: sorted by place, counting.
  std::vector<std::uint32_t> begins(total + 1);
  const auto each = [&](auto&& place) {
    for (std::size_t i = 0; i < weights.size(); ++i)
      for (std::size_t j = 0, count = parts(i); j < count; ++j)
        place(i, (2 * j + 1) * total / (2 * count));
  };
  each([&](std::size_t, std::size_t at) { ++begins[at + 1]; });
  std::partial_sum(begins.begin(), begins.end(), begins.begin());
  entries_.resize(total);
  each([&](std::size_t i, std::size_t at) {
    const double scaled = std::round(weight(i) / static_cast<double>(parts(i)) / largest * kMost);
    entries_[begins[at]++] = {static_cast<std::uint32_t>(i),
                              static_cast<std::uint32_t>(std::clamp(scaled, 1.0, double{kMost}))};
  });
}

}  // namespace brontes
