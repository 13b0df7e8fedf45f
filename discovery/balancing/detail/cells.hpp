// What picks look at, side by side: following a candidate's pointers would miss the cache thrice.
#pragma once

#include <algorithm>
#include <brontes/discovery/balancing/detail/turns.hpp>
#include <brontes/discovery/balancing/picker.hpp>
#include <utility>
#include <vector>

namespace brontes {

struct alignas(32) Cell {
  const CallStats* stats = nullptr;
  Endpoint* endpoint = nullptr;
  float weight = 100;
  std::uint32_t warmth = UINT32_MAX;  // of 2^32 draws so many count
};

/// Live as long as the candidates.
inline std::vector<Cell> cells_of(const std::vector<Candidate>& candidates) {
  std::vector<Cell> cells;
  cells.reserve(candidates.size());
  for (const Candidate& each : candidates)
    cells.push_back({&each.endpoint->stats(), each.endpoint.get(), static_cast<float>(each.weight),
                     static_cast<std::uint32_t>(each.warmth * UINT32_MAX)});
  return cells;
}

/// Once round from `at`: the first that is not excluded.
inline PickResult first_fitting(const std::vector<Cell>& cells, std::size_t at,
                                const PickArgs& args) {
  if (args.excluded.empty()) [[likely]]
    return {cells[at].endpoint};
  for (std::size_t tried = 0; tried < cells.size(); ++tried) {
    if (!args.excludes(cells[at].endpoint)) return {cells[at].endpoint};
    if (++at == cells.size()) at = 0;
  }
  return {nullptr, NoPick::kAllExcluded};
}

/// Where two are drawn at random and the better one is picked.
class PairedCells {
 public:
  explicit PairedCells(std::vector<Cell> cells)
      : cells_(std::move(cells)),
        count_(static_cast<std::uint32_t>(cells_.size())),
        is_plain_(count_ > 1 && std::all_of(cells_.begin(), cells_.end(), [](const Cell& cell) {
                    return cell.warmth == UINT32_MAX;
                  })) {}

  const std::vector<Cell>& all() const { return cells_; }

  /// By 64 random bits; the second one if is_better(second, first). One that is young gives way to
  /// the other in a part of its draws.
  template <class IsBetter>
  [[gnu::always_inline]] PickResult pick(std::uint64_t random, const PickArgs& args,
                                         const IsBetter& is_better) const {
    const auto bits = static_cast<std::uint32_t>(random);
    const auto more = static_cast<std::uint32_t>(random >> 32);
    const std::uint32_t at = below(count_, bits);
    std::uint32_t other = below(count_ - 1, more);
    other += other >= at;
    if (!is_plain_ || !args.excluded.empty()) [[unlikely]]
      return pick_with_care(bits, more, args, is_better);
    const Cell* const cells = cells_.data();
    const auto better = static_cast<std::uint32_t>(is_better(cells[other], cells[at]));
    return {cells[at ^ ((at ^ other) & (0 - better))].endpoint};  // no branch: it is a coin
  }

 private:
  // Some are young, or excluded, or there is but one. Apart, to keep registers for the usual pick.
  template <class IsBetter>
  [[gnu::noinline]] PickResult pick_with_care(std::uint32_t bits, std::uint32_t more,
                                              const PickArgs& args,
                                              const IsBetter& is_better) const {
    const std::uint32_t at = below(count_, bits);
    std::uint32_t other = below(count_ - 1, more);
    other += other >= at;
    if (other == count_) other = 0;
    const Cell& first = cells_[at];
    const Cell& second = cells_[other];
    const bool no_first = args.excludes(first.endpoint), no_second = args.excludes(second.endpoint);
    if (no_first && no_second) return first_fitting(cells_, at, args);
    if (no_first || no_second) return {no_first ? second.endpoint : first.endpoint};
    // What is left of the bits says where between two numbers they fell: random, too.
    const bool cool_first = bits * count_ > first.warmth;
    const bool cool_second = more * (count_ - 1) > second.warmth;
    if (cool_first != cool_second) return {cool_first ? second.endpoint : first.endpoint};
    return {is_better(second, first) ? second.endpoint : first.endpoint};
  }

  const std::vector<Cell> cells_;
  const std::uint32_t count_;
  const bool is_plain_;
};

}  // namespace brontes
