#include <algorithm>
#include <brontes/discovery/balancing/detail/health_layer.hpp>
#include <utility>

namespace brontes {

void HealthLayer::connectivity_changed(const EndpointPtr& endpoint, Connectivity state) {
  if (!options_.service) return;
  const auto at = states_.find(endpoint.get());
  if (at != states_.end()) {
    set(at->second, true);
    states_.erase(at);
  }
  if (state != Connectivity::kReady) return;
  State& fresh = states_[endpoint.get()];
  fresh.endpoint = endpoint;
  open(endpoint, fresh);
}

void HealthLayer::open(const EndpointPtr& endpoint, State& state) {
  state.again = TimePoint::max();
  state.number = ++last_number_;
  state.watch = endpoint->connection()->watch_health(
      *options_.service, [told = options_.told, weak = std::weak_ptr<Endpoint>(endpoint),
                          number = state.number](Health health) { told(weak, number, health); });
}

bool HealthLayer::note(const EndpointPtr& endpoint, std::uint64_t watch, Health health,
                       TimePoint now) {
  const auto at = states_.find(endpoint.get());
  if (at == states_.end() || at->second.number != watch) return false;  // of a watch that is over
  State& state = at->second;
  const bool before = state.serves;
  switch (health) {
    case Health::kServing:
    case Health::kNotServing:
      state.backoff.reset();
      set(state, health == Health::kServing);
      break;
    case Health::kUnsupported:
      state.watch.reset();
      set(state, true);
      break;
    case Health::kBroken:
      state.watch.reset();
      state.again = now + state.backoff.next();
      break;
  }
  return state.serves != before;
}

void HealthLayer::set(State& state, bool serves) {
  if (state.serves == serves) return;
  state.serves = serves;
  serves ? --not_serving_ : ++not_serving_;
}

void HealthLayer::watch_again(TimePoint now) {
  for (auto& [key, state] : states_)
    if (const auto endpoint = state.endpoint.lock(); endpoint && state.again <= now)
      open(endpoint, state);
}

void HealthLayer::prune() {
  for (auto at = states_.begin(); at != states_.end();) {
    const bool gone = at->second.endpoint.expired();
    if (gone) set(at->second, true);
    at = gone ? states_.erase(at) : std::next(at);
  }
}

TimePoint HealthLayer::next() const {
  TimePoint next = TimePoint::max();
  for (const auto& [endpoint, state] : states_) next = std::min(next, state.again);
  return next;
}

bool HealthLayer::is_serving(const Endpoint& endpoint) const {
  const auto at = states_.find(&endpoint);
  return at == states_.end() || at->second.serves;
}

void HealthLayer::end_watches() {
  states_.clear();
  not_serving_ = 0;
}

void HealthLayer::clear() {
  end_watches();
  options_ = {};
}

}  // namespace brontes
