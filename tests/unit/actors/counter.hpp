// An actor with state to lose, for the tests of supervision.
#pragma once

#include <brontes/actors/caf.hpp>
#include <stdexcept>

namespace brontes::testing {

struct Increment {};
struct GetCount {};
struct Count {
  int value = 0;
};
struct Crash {};
struct CrashingQuestion {};
struct Finish {};

}  // namespace brontes::testing

BRONTES_MESSAGE(brontes::testing::Increment)
BRONTES_MESSAGE(brontes::testing::GetCount)
BRONTES_MESSAGE(brontes::testing::Count)
BRONTES_MESSAGE(brontes::testing::Crash)
BRONTES_MESSAGE(brontes::testing::CrashingQuestion)
BRONTES_MESSAGE(brontes::testing::Finish)

namespace brontes::testing {

using Counter =
    Interface<void(Increment), Count(GetCount), void(Crash), Count(CrashingQuestion), void(Finish)>;

class CounterActor : public Counter::base {
 public:
  explicit CounterActor(caf::actor_config& config, int first = 0)
      : Counter::base(config), count_(first) {}

  const char* name() const override { return "counter"; }

  Counter::behavior_type make_behavior() override {
    return {
        [this](const Increment&) { ++count_; },
        [this](const GetCount&) { return Count{count_}; },
        [](const Crash&) { throw std::runtime_error("crash wanted"); },
        [](const CrashingQuestion&) -> Count { throw std::runtime_error("bad question"); },
        [this](const Finish&) { quit(); },
    };
  }

 private:
  int count_;
};

}  // namespace brontes::testing
