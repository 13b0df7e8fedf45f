#include <algorithm>
#include <brontes/discovery/balancing/detail/cells.hpp>
#include <brontes/discovery/balancing/detail/static_stride.hpp>
#include <brontes/discovery/balancing/weighted.hpp>
#include <iterator>

namespace brontes {
namespace {

std::vector<double> weights_of(const std::vector<Candidate>& candidates) {
  std::vector<double> weights;
  std::transform(candidates.begin(), candidates.end(), std::back_inserter(weights),
                 [](const Candidate& each) { return each.weight * each.warmth; });
  return weights;
}

class Weighted final : public Picker {
 public:
  Weighted(std::vector<Candidate> candidates, std::shared_ptr<Turn> turn)
      : Picker(std::move(candidates)),
        cells_(cells_of(this->candidates())),
        stride_(weights_of(this->candidates())),
        turn_(std::move(turn)) {}

  PickResult pick(const PickArgs& args) const noexcept override {
    std::size_t at = stride_.next(*turn_);
    for (int again = 0; again < kTurns && args.excludes(cells_[at].endpoint); ++again)
      at = stride_.next(*turn_);
    return first_fitting(cells_, at, args);
  }

 private:
  static constexpr int kTurns = 4;
  const std::vector<Cell> cells_;
  const StaticStride stride_;
  const std::shared_ptr<Turn> turn_;
};

class LoadPolicy final : public BalancingPolicy {
 public:
  explicit LoadPolicy(std::uint32_t start) : weighted_(make_weighted(start)) {}
  std::string_view name() const override { return "load"; }
  bool weighs_load() const override { return true; }
  std::shared_ptr<const Picker> make_picker(std::vector<Candidate> candidates) override {
    return weighted_->make_picker(std::move(candidates));
  }

 private:
  const std::unique_ptr<BalancingPolicy> weighted_;
};

}  // namespace

std::unique_ptr<BalancingPolicy> make_weighted(std::uint32_t start) {
  return policy_of<Weighted>("weighted", std::make_shared<Turn>(start));
}

std::unique_ptr<BalancingPolicy> make_load(std::uint32_t start) {
  return std::make_unique<LoadPolicy>(start);
}

}  // namespace brontes
