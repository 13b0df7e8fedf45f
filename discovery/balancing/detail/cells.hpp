// What picks look at, side by side: following a candidate's pointers would miss the cache thrice.
#pragma once

#include <brontes/discovery/balancing/detail/turns.hpp>
#include <brontes/discovery/balancing/picker.hpp>
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
  for (std::size_t tried = 0; tried < cells.size(); ++tried) {
    if (!args.excludes(cells[at].endpoint)) return {cells[at].endpoint};
    if (++at == cells.size()) at = 0;
  }
  return {nullptr, NoPick::kAllExcluded};
}

/// The better of two that 64 random bits draw: the second if is_better(second, first). One that is
/// young gives way to the other in a part of its draws.
template <class IsBetter>
PickResult best_of_two(const std::vector<Cell>& cells, std::uint64_t random, const PickArgs& args,
                       IsBetter&& is_better) {
  const auto count = static_cast<std::uint32_t>(cells.size());
  const auto bits = static_cast<std::uint32_t>(random);
  const auto more = static_cast<std::uint32_t>(random >> 32);
  const std::uint32_t at = below(count, bits);
  std::uint32_t other = below(count - 1, more);
  other += other >= at;
  if (other == count) other = 0;  // there is but one
  const Cell& first = cells[at];
  const Cell& second = cells[other];
  // What is left of the bits says where between two numbers they fell: random, too.
  const bool cool_first = bits * count > first.warmth;
  const bool cool_second = more * (count - 1) > second.warmth;
  if (args.excluded.empty() && cool_first == cool_second) [[likely]] {
    // No branch: nobody could foretell it.
    const std::uint32_t swap = 0 - static_cast<std::uint32_t>(is_better(second, first));
    return {cells[at ^ ((at ^ other) & swap)].endpoint};
  }
  const bool no_first = args.excludes(first.endpoint), no_second = args.excludes(second.endpoint);
  if (no_first && no_second) return first_fitting(cells, at, args);
  const bool not_first = no_first || (cool_first && !cool_second && !no_second);
  const bool not_second = no_second || (cool_second && !cool_first && !no_first);
  if (not_first || not_second) return {not_first ? second.endpoint : first.endpoint};
  return {is_better(second, first) ? second.endpoint : first.endpoint};
}

}  // namespace brontes
