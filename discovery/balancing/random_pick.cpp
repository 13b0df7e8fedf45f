#include <brontes/discovery/balancing/detail/cells.hpp>
#include <brontes/discovery/balancing/random_pick.hpp>

namespace brontes {
namespace {

class Random final : public Picker {
 public:
  Random(std::vector<Candidate> candidates, std::shared_ptr<RandomSequence> random)
      : Picker(std::move(candidates)),
        cells_(cells_of(this->candidates())),
        random_(std::move(random)) {}

  PickResult pick(const PickArgs& args) const noexcept override {
    const auto count = static_cast<std::uint32_t>(cells_.size());
    const auto draw = [&] { return below(count, static_cast<std::uint32_t>(random_->next())); };
    std::uint32_t at = draw();
    // Going on from the excluded one would give its neighbour its share.
    for (int again = 0; again < kDraws && args.excludes(cells_[at].endpoint); ++again) at = draw();
    return first_fitting(cells_, at, args);
  }

 private:
  static constexpr int kDraws = 4;
  const std::vector<Cell> cells_;
  const std::shared_ptr<RandomSequence> random_;
};

}  // namespace

std::unique_ptr<BalancingPolicy> make_random(std::uint64_t seed) {
  return policy_of<Random>("random", std::make_shared<RandomSequence>(seed));
}

}  // namespace brontes
