#include <brontes/actors/metrics.hpp>

namespace brontes {

std::uint64_t detail::ShardedCells::sum(std::size_t at) const {
  std::uint64_t sum = 0;
  for (std::size_t line = at / 8; line < lines_.size(); line += lines_per_row_)
    sum += lines_[line].cells[at % 8].load(std::memory_order_relaxed);
  return sum;
}

double detail::ShardedCells::sum_real(std::size_t at) const {
  double sum = 0;
  for (std::size_t line = at / 8; line < lines_.size(); line += lines_per_row_)
    sum += std::bit_cast<double>(lines_[line].cells[at % 8].load(std::memory_order_relaxed));
  return sum;
}

std::size_t bucket_of(const std::vector<double>& bounds, double value) noexcept {
  std::size_t at = 0;  // a dozen at most, and most values are small: no search beats this
  while (at < bounds.size() && value > bounds[at]) ++at;
  return at;
}

void Histogram::observe(double value) noexcept {
  const auto row = cells_.row();
  row.add(bucket_of(bounds_, value));
  row.add_real(bounds_.size() + 1, value);
}

std::vector<std::uint64_t> Histogram::counts() const {
  std::vector<std::uint64_t> counts;
  for (std::size_t at = 0; at <= bounds_.size(); ++at) counts.push_back(cells_.sum(at));
  return counts;
}

}  // namespace brontes
