#include <brontes/discovery/balancing/detail/cells.hpp>
#include <brontes/discovery/balancing/least_request.hpp>

namespace brontes {
namespace {

struct IsBetter {
  static float after(const Cell& cell) {  // one call more
    return static_cast<float>(static_cast<std::int32_t>(cell.stats->in_flight() + 1));
  }
  bool operator()(const Cell& one, const Cell& other) const {
    return after(one) * other.weight < after(other) * one.weight;
  }
};

class LeastRequest final : public Picker {
 public:
  LeastRequest(std::vector<Candidate> candidates, std::shared_ptr<RandomSequence> random,
               std::uint32_t choices)
      : Picker(std::move(candidates)),
        cells_(cells_of(this->candidates())),
        random_(std::move(random)),
        choices_(choices) {}

  PickResult pick(const PickArgs& args) const noexcept override {
    if (choices_ > 2) return best_of_many(args);
    return cells_.pick(random_->next(), args, IsBetter());
  }

 private:
  [[gnu::noinline]] PickResult best_of_many(const PickArgs& args) const {
    const std::vector<Cell>& all = cells_.all();
    const Cell* best = nullptr;
    std::uint32_t at = 0;
    for (std::uint32_t drawn = 0; drawn < choices_; ++drawn) {
      at = below(static_cast<std::uint32_t>(all.size()),
                 static_cast<std::uint32_t>(random_->next()));
      if (!args.excludes(all[at].endpoint) && (!best || IsBetter()(all[at], *best)))
        best = &all[at];
    }
    return best ? PickResult{best->endpoint} : first_fitting(all, at, args);
  }

  const PairedCells cells_;
  const std::shared_ptr<RandomSequence> random_;
  const std::uint32_t choices_;
};

}  // namespace

std::unique_ptr<BalancingPolicy> make_least_request(std::uint64_t seed, std::uint32_t choices) {
  return policy_of<LeastRequest>("least_request", std::make_shared<RandomSequence>(seed), choices);
}

}  // namespace brontes
