#include <algorithm>
#include <brontes/actors/testkit/reporter.hpp>
#include <brontes/tools/scenario/script.hpp>
#include <memory>
#include <utility>

namespace brontes::scenario {
namespace {

/// While it lives, failures of the harness are noted instead of ending the process.
class Complaints {
 public:
  explicit Complaints(std::vector<std::string>& troubles)
      : before_(set_reporter([&troubles](const std::source_location&, const std::string& text) {
          troubles.push_back(text);
        })) {}
  ~Complaints() { set_reporter(std::move(before_)); }
  Complaints(const Complaints&) = delete;
  Complaints& operator=(const Complaints&) = delete;

 private:
  Reporter before_;
};

}  // namespace

bool StepOutcome::passed() const {
  return std::all_of(seen.begin(), seen.end(), [](const Seen& each) { return each.holds; });
}

bool Outcome::passed() const {
  return troubles.empty() && std::all_of(steps.begin(), steps.end(),
                                         [](const StepOutcome& step) { return step.passed(); });
}

Outcome play(const Script& script, std::uint64_t seed) {
  Outcome outcome;
  const Complaints complaints(outcome.troubles);
  WorldOptions options = script.world;
  options.seed = seed;
  World world(options);
  for (const Act& act : script.setup) act(world);
  for (const Step& step : script.steps) {
    world.advance(world.began() + step.at - world.now());
    StepOutcome& played = outcome.steps.emplace_back();
    played.step = &step;
    // What happened at the instant of a step happened before it; at the beginning nothing had.
    const TimePoint since = step.since == Duration{} ? TimePoint{} : world.began() + step.since;
    for (const Expectation& each : step.expected) played.seen.push_back(each.look(world, since));
    for (const Act& act : step.acts) act(world);
  }
  outcome.log_hash = world.log().hash();
  outcome.log = world.log().lines();
  return outcome;
}

}  // namespace brontes::scenario
