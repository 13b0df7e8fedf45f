#include <algorithm>
#include <brontes/discovery/balancing/detail/waiting_calls.hpp>
#include <utility>

namespace brontes {

bool WaitingCalls::add(Wait wait) {
  if (waits_.size() >= most_)
    std::erase_if(waits_, [](const Wait& other) { return other.waiter->abandoned(); });
  if (waits_.size() >= most_) return false;
  waits_.push_back(std::move(wait));
  return true;
}

std::vector<WaitingCalls::Wait> WaitingCalls::take(const std::function<bool(const Wait&)>& which) {
  const auto rest = std::stable_partition(waits_.begin(), waits_.end(),
                                          [&](const Wait& wait) { return !which(wait); });
  std::vector<Wait> taken(std::make_move_iterator(rest), std::make_move_iterator(waits_.end()));
  waits_.erase(rest, waits_.end());
  return taken;
}

std::vector<WaitingCalls::Wait> WaitingCalls::take_due(TimePoint now, bool ready) {
  if (!ready) return {};
  return take([now](const Wait& wait) { return wait.not_before <= now; });
}

std::vector<WaitingCalls::Wait> WaitingCalls::take_expired(TimePoint now) {
  return take([now](const Wait& wait) { return wait.deadline <= now; });
}

TimePoint WaitingCalls::next(TimePoint now, bool ready) const {
  TimePoint soonest = TimePoint::max();
  for (const Wait& wait : waits_) {
    soonest = std::min(soonest, wait.deadline);
    if (ready || wait.not_before > now) soonest = std::min(soonest, wait.not_before);
  }
  return soonest;
}

}  // namespace brontes
