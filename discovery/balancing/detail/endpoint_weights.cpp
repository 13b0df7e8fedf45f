#include <algorithm>
#include <brontes/discovery/balancing/detail/endpoint_weights.hpp>
#include <cmath>

namespace brontes {
namespace {

using namespace std::chrono_literals;

constexpr Duration kBeginning = 5s;  // endpoints connect one after the other
constexpr Duration kBlackout = 10s, kExpiry = 180s;
constexpr double kLeastWarmth = 0.1, kLeastOfMean = 0.1;
constexpr double kNews = 0.3, kMostStep = 0.2;
constexpr double kLatencyUnit = 0.1;  // seconds

double ratio(Duration part, Duration whole) {
  return std::chrono::duration<double>(part) / std::chrono::duration<double>(whole);
}

}  // namespace

EndpointWeights::State& EndpointWeights::state_of(const Candidate& candidate, TimePoint now) {
  const Endpoint& endpoint = *candidate.endpoint;
  const auto [at, fresh] = states_.try_emplace(&endpoint);
  State& state = at->second;
  if (fresh || state.endpoint.expired() || state.era != endpoint.stats().era())
    state = {candidate.endpoint, endpoint.stats().era(), now, false, TimePoint::max(), 0};
  return state;
}

void EndpointWeights::weigh(std::vector<Candidate>& candidates, TimePoint now) {
  if (candidates.empty()) return;
  began_ = std::min(began_, now);
  warm(candidates, now);
  if (options_.by_load) score(candidates, now);
  if (states_.size() > 2 * candidates.size() + 16) forget();
}

void EndpointWeights::warm(std::vector<Candidate>& candidates, TimePoint now) {
  std::size_t young = 0;
  for (const Candidate& each : candidates) {
    State& state = state_of(each, now);
    state.is_warm |= now - began_ < kBeginning || now - state.since >= options_.slow_start;
    young += !state.is_warm;
  }
  const bool too_many = 2 * young > candidates.size();
  for (Candidate& each : candidates) {
    State& state = state_of(each, now);
    state.is_warm |= too_many;
    const Duration age = std::max<Duration>(now - state.since, 1s);
    each.warmth =
        state.is_warm ? 1 : std::clamp(ratio(age, options_.slow_start), kLeastWarmth, 1.0);
  }
  warming_ = young > 0 && !too_many;
}

// 0: nothing is known.
double EndpointWeights::wanted(State& state, const CallStats& stats, TimePoint now) const {
  if (stats.reports() == 0) return 0;
  state.first_report = std::min(state.first_report, now);
  if (now - state.first_report < kBlackout || now - stats.reported() > kExpiry) return 0;
  return 0.6 * (1 - stats.cpu()) + 0.4 / (1 + stats.latency() / kLatencyUnit);
}

void EndpointWeights::score(std::vector<Candidate>& candidates, TimePoint now) {
  if (now - scored_ >= kStep) {
    scored_ = now;
    std::vector<double> scores;
    double sum = 0, known = 0;
    for (const Candidate& each : candidates) {
      scores.push_back(wanted(state_of(each, now), each.endpoint->stats(), now));
      sum += scores.back();
      known += scores.back() > 0;
    }
    mean_ = known > 0 ? sum / known : 1;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      double& smoothed = state_of(candidates[i], now).score;
      if (smoothed == 0) smoothed = mean_;
      const double wanted = scores[i] > 0 ? std::max(scores[i], kLeastOfMean * mean_) : mean_;
      const double next = (1 - kNews) * smoothed + kNews * wanted;
      smoothed = std::clamp(next, smoothed * (1 - kMostStep), smoothed * (1 + kMostStep));
    }
  }
  for (Candidate& each : candidates) {
    const double score = state_of(each, now).score;
    each.weight *= score > 0 ? score / mean_ : 1;
  }
}

void EndpointWeights::forget() {
  std::erase_if(states_, [](const auto& at) { return at.second.endpoint.expired(); });
}

}  // namespace brontes
