#include <brontes/discovery/balancing/detail/cells.hpp>
#include <brontes/discovery/balancing/detail/slot_ring.hpp>
#include <brontes/discovery/balancing/ring_hash.hpp>
#include <limits>

namespace brontes {
namespace {

// Weights of the records: the candidates' own change from second to second, and keys would move.
std::vector<SlotRing::Owner> owners_of(const std::vector<Candidate>& candidates) {
  std::vector<SlotRing::Owner> owners;
  for (const Candidate& each : candidates)
    owners.push_back({each.endpoint->address(), static_cast<double>(each.instance->weight)});
  return owners;
}

class RingHash final : public Picker {
 public:
  RingHash(std::vector<Candidate> candidates, std::shared_ptr<RandomSequence> random, double bound)
      : Picker(std::move(candidates)),
        cells_(cells_of(this->candidates())),
        ring_(owners_of(this->candidates())),
        random_(std::move(random)),
        channel_(cells_.front().stats->channel()) {
    float sum = 0;
    for (const Candidate& each : this->candidates())
      sum += static_cast<float>(each.instance->weight);
    const auto count = static_cast<float>(cells_.size());
    for (std::size_t i = 0; i < cells_.size(); ++i) {  // from here on: the bound, of all calls
      const auto own = static_cast<float>(this->candidates()[i].instance->weight);
      const float share = sum > 0 ? own / sum : 1 / count;
      cells_[i].weight =
          bound > 0 ? static_cast<float>(bound) * share : std::numeric_limits<float>::infinity();
    }
  }

  PickResult pick(const PickArgs& args) const noexcept override {
    const std::size_t place = ring_.find(args.key != 0 ? args.key : random_->next());
    const Cell& first = cells_[ring_.owner(place)];
    const auto calls = static_cast<float>(static_cast<std::int32_t>(channel_.in_flight() + 1));
    if (args.excluded.empty() && !is_full(first, calls)) [[likely]]
      return {first.endpoint};
    return walk(place, args, calls);
  }

 private:
  static constexpr int kVisits = 64;

  // in flight + 1 > ceil(bound), for whole numbers.
  static bool is_full(const Cell& cell, float calls) {
    return static_cast<float>(static_cast<std::int32_t>(cell.stats->in_flight())) >=
           cell.weight * calls;
  }

  [[gnu::noinline]] PickResult walk(std::size_t place, const PickArgs& args, float calls) const {
    const std::size_t begin = place;
    Endpoint* nearest = nullptr;
    for (int visited = 0; visited < kVisits; ++visited, place = ring_.next(place)) {
      const Cell& cell = cells_[ring_.owner(place)];
      if (args.excludes(cell.endpoint)) continue;
      if (!is_full(cell, calls)) return {cell.endpoint};
      if (!nearest) nearest = cell.endpoint;
    }
    return nearest ? PickResult{nearest} : first_fitting(cells_, ring_.owner(begin), args);
  }

  std::vector<Cell> cells_;
  const SlotRing ring_;
  const std::shared_ptr<RandomSequence> random_;
  const ChannelLoad& channel_;
};

}  // namespace

std::unique_ptr<BalancingPolicy> make_ring_hash(std::uint64_t seed, double bounded_load) {
  return policy_of<RingHash>("ring_hash", std::make_shared<RandomSequence>(seed), bounded_load);
}

}  // namespace brontes
