#include <brontes/discovery/balancing/detail/cells.hpp>
#include <brontes/discovery/balancing/round_robin.hpp>

namespace brontes {
namespace {

class RoundRobin final : public Picker {
 public:
  RoundRobin(std::vector<Candidate> candidates, std::shared_ptr<Turn> turn)
      : Picker(std::move(candidates)),
        cells_(cells_of(this->candidates())),
        turn_(std::move(turn)) {}

  PickResult pick(const PickArgs& args) const noexcept override {
    return first_fitting(cells_, turn_->take() % static_cast<std::uint32_t>(cells_.size()), args);
  }

 private:
  const std::vector<Cell> cells_;
  const std::shared_ptr<Turn> turn_;
};

}  // namespace

std::unique_ptr<BalancingPolicy> make_round_robin(std::uint32_t start) {
  return policy_of<RoundRobin>("round_robin", std::make_shared<Turn>(start));
}

}  // namespace brontes
