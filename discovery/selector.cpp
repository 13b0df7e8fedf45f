#include <algorithm>
#include <brontes/actors/published.hpp>
#include <brontes/discovery/balancing/detail/turns.hpp>
#include <brontes/discovery/selector.hpp>
#include <iterator>
#include <numeric>
#include <string>

namespace brontes {
namespace {

/// What a selector knows: who may be chosen, and why nobody may.
struct Choice {
  std::vector<InstancePtr> instances;
  Status none;
};

std::shared_ptr<const Choice> choice_of(const Snapshot& snapshot, const std::string& target) {
  auto choice = std::make_shared<Choice>();
  std::copy_if(snapshot.instances.begin(), snapshot.instances.end(),
               std::back_inserter(choice->instances),
               [](const InstancePtr& instance) { return instance->healthy; });
  const bool known = snapshot.proven != TimePoint{};
  if (!known)
    choice->none = {Errc::kUnavailable,
                    "choose an instance of " + target + ": its registry has not answered yet" +
                        (snapshot.cause.ok() ? "" : ": " + snapshot.cause.message())};
  else
    choice->none = {
        Errc::kNotFound,
        "choose an instance of " + target + ": " +
            (snapshot.instances.empty() ? "none is registered" : "all that are registered drain")};
  return choice;
}

}  // namespace

Strategy round_robin() {
  return [turn = std::make_shared<Turn>()](const std::vector<InstancePtr>& all) {
    return all[turn->take() % all.size()];
  };
}

Strategy random_choice(std::uint64_t seed) {
  return [random = std::make_shared<RandomSequence>(seed)](const std::vector<InstancePtr>& all) {
    return all[random->next() % all.size()];
  };
}

Strategy weighted_choice(std::uint64_t seed) {
  return [random = std::make_shared<RandomSequence>(seed)](
             const std::vector<InstancePtr>& all) -> InstancePtr {
    const auto sum = std::accumulate(
        all.begin(), all.end(), std::uint64_t{0},
        [](std::uint64_t so_far, const InstancePtr& each) { return so_far + each->weight; });
    if (sum == 0) return nullptr;
    std::uint64_t at = random->next() % sum;
    for (const InstancePtr& each : all) {
      if (at < each->weight) return each;
      at -= each->weight;
    }
    return nullptr;
  };
}

struct Selector::State {
  std::string target;
  Strategy strategy;
  Published<Choice> choice;
  Subscription subscription;  // ends first
};

Selector::Selector(std::unique_ptr<State> state) : state_(std::move(state)) {}
Selector::~Selector() = default;
Selector::Selector(Selector&&) noexcept = default;
Selector& Selector::operator=(Selector&&) noexcept = default;

Expected<Selector> Selector::open(Discovery& discovery, std::string_view target, Strategy strategy,
                                  Duration patience) {
  auto state = std::make_unique<State>();
  state->target = target;
  state->strategy = std::move(strategy);
  state->choice.publish(choice_of({}, state->target));
  // What is known before anything else is: the subscription may be a moment later.
  if (const auto listed = discovery.list(target, patience))
    state->choice.publish(choice_of(**listed, state->target));
  auto subscription = discovery.subscribe(target, [raw = state.get()](const DiscoveryEvent& event) {
    const bool known = event.snapshot->proven != TimePoint{};
    if (known || raw->choice.get()->instances.empty())
      raw->choice.publish(choice_of(*event.snapshot, raw->target));
  });
  if (!subscription) return fail(subscription.error());
  state->subscription = std::move(*subscription);
  return Selector(std::move(state));
}

Expected<InstancePtr> Selector::next() const {
  return state_->choice.read([this](const Choice& choice) -> Expected<InstancePtr> {
    if (choice.instances.empty()) return fail(choice.none);
    if (InstancePtr chosen = state_->strategy(choice.instances)) return chosen;
    return fail(Errc::kNotFound, "choose an instance of " + state_->target +
                                     ": the strategy wants none of " +
                                     std::to_string(choice.instances.size()));
  });
}

}  // namespace brontes
