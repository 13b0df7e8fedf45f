#include <brontes/actors/resilience/guard.hpp>

namespace brontes {

void Guard::wait(const CallTerms& terms, const std::shared_ptr<GuardWaiter>& waiter) {
  // One that never says kMustWait: whoever comes here all the same is decided on at once.
  Permit permit;
  Status why;
  if (enter(terms, false, permit, why) == Entry::kIn) {
    if (!waiter->let_in(permit)) leave(permit, {.code = Errc::kCancelled, .refused = true});
  } else {
    waiter->refuse(std::move(why));
  }
}

}  // namespace brontes
