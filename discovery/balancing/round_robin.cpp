#include <atomic>
#include <brontes/discovery/balancing/round_robin.hpp>

namespace brontes {
namespace {

// On a cache line of its own: every call of the channel writes it.
struct alignas(64) Turn {
  std::atomic<std::uint32_t> next;
};

class RoundRobinPicker final : public Picker {
 public:
  RoundRobinPicker(std::vector<Candidate> candidates, std::shared_ptr<Turn> turn)
      : Picker(std::move(candidates), {}), turn_(std::move(turn)) {}

  PickResult pick(const PickArgs& args) const noexcept override {
    const auto& all = candidates();
    std::size_t at = turn_->next.fetch_add(1, std::memory_order_relaxed) % all.size();
    for (std::size_t tried = 0; tried < all.size(); ++tried) {
      Endpoint* const endpoint = all[at].endpoint.get();
      if (args.excluded.empty() || !args.excludes(endpoint)) return {endpoint, NoPick::kNone};
      if (++at == all.size()) at = 0;
    }
    return {nullptr, NoPick::kAllExcluded};
  }

 private:
  std::shared_ptr<Turn> turn_;
};

class RoundRobin final : public BalancingPolicy {
 public:
  explicit RoundRobin(std::uint32_t start) : turn_(std::make_shared<Turn>()) {
    turn_->next.store(start, std::memory_order_relaxed);
  }
  std::string_view name() const override { return "round_robin"; }
  std::shared_ptr<const Picker> make_picker(std::vector<Candidate> candidates) override {
    return std::make_shared<RoundRobinPicker>(std::move(candidates), turn_);
  }

 private:
  std::shared_ptr<Turn> turn_;
};

}  // namespace

std::unique_ptr<BalancingPolicy> make_round_robin(std::uint32_t start) {
  return std::make_unique<RoundRobin>(start);
}

}  // namespace brontes
