// The actor of a breaker: what time, people and listeners have to do with it.
#pragma once

#include <brontes/actors/caf.hpp>
#include <brontes/actors/resilience/detail/breaker_core.hpp>
#include <functional>
#include <memory>

namespace brontes::detail {

using BreakerListener = std::function<void(const BreakerTransition&)>;

struct GenerationDue {  ///< timer: open, or forced, for long enough
  std::uint64_t generation = 0;
};
struct ForgetFailures {  ///< timer tick, with `clear_every`
  std::uint64_t generation = 0;
};
struct ThrottleTurned {};  ///< it began or ceased to refuse a part; may have turned back since
struct ForceBreaker {
  BreakerState to = BreakerState::kOpen;
  Duration time{};
};
struct ReleaseBreaker {};
struct HearBreaker {
  std::weak_ptr<BreakerListener> listener;
};

}  // namespace brontes::detail

BRONTES_MESSAGE(brontes::BreakerTransition)
BRONTES_MESSAGE(brontes::detail::GenerationDue)
BRONTES_MESSAGE(brontes::detail::ForgetFailures)
BRONTES_MESSAGE(brontes::detail::ThrottleTurned)
BRONTES_MESSAGE(brontes::detail::ForceBreaker)
BRONTES_MESSAGE(brontes::detail::ReleaseBreaker)
BRONTES_MESSAGE(brontes::detail::HearBreaker)

namespace brontes::detail {

using BreakerKeeper =
    Interface<void(BreakerTransition), void(GenerationDue), void(ForgetFailures),
              void(ThrottleTurned), void(ForceBreaker), void(ReleaseBreaker), void(HearBreaker)>;

/// To be stopped by its owner.
BreakerKeeper spawn_breaker_keeper(System& system, std::shared_ptr<BreakerCore> core,
                                   Duration clear_every);

}  // namespace brontes::detail
