#include <brontes/discovery/balancing/detail/cells.hpp>
#include <brontes/discovery/balancing/least_request.hpp>

namespace brontes {
namespace {

bool is_better(const Cell& one, const Cell& other) {
  const auto after = [](const Cell& cell) {
    return static_cast<float>(cell.stats->in_flight() + 1);
  };
  return after(one) * other.weight < after(other) * one.weight;
}

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
    return best_of_two(cells_, random_->next(), args, is_better);
  }

 private:
  PickResult best_of_many(const PickArgs& args) const {
    const Cell* best = nullptr;
    std::uint32_t at = 0;
    for (std::uint32_t drawn = 0; drawn < choices_; ++drawn) {
      at = below(static_cast<std::uint32_t>(cells_.size()),
                 static_cast<std::uint32_t>(random_->next()));
      if (!args.excludes(cells_[at].endpoint) && (!best || is_better(cells_[at], *best)))
        best = &cells_[at];
    }
    return best ? PickResult{best->endpoint} : first_fitting(cells_, at, args);
  }

  const std::vector<Cell> cells_;
  const std::shared_ptr<RandomSequence> random_;
  const std::uint32_t choices_;
};

}  // namespace

std::unique_ptr<BalancingPolicy> make_least_request(std::uint64_t seed, std::uint32_t choices) {
  return policy_of<LeastRequest>("least_request", std::make_shared<RandomSequence>(seed), choices);
}

}  // namespace brontes
