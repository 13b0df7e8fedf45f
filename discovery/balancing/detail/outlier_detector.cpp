#include <algorithm>
#include <brontes/actors/backoff.hpp>
#include <brontes/discovery/balancing/detail/outlier_detector.hpp>
#include <cmath>

namespace brontes {
namespace {

constexpr std::uint64_t kInARow = CallStats::kAlarm;
constexpr std::size_t kCompared = 5;
constexpr std::uint64_t kRateCalls = 100, kShareCalls = 50;
constexpr double kDeviations = 1.9, kMostFailures = 0.85;

std::uint64_t halves(const CallStats& stats) { return 2 * stats.failed() - stats.half_failed(); }

std::string percent(double part) { return std::to_string(std::lround(part * 100)) + " %"; }

}  // namespace

OutlierDetector::State& OutlierDetector::state_of(const EndpointPtr& endpoint) {
  const CallStats& stats = endpoint->stats();
  State& state = states_[endpoint.get()];
  if (state.endpoint.lock() != endpoint || state.era != stats.era()) {
    state = {};  // of a process that is gone
    state.endpoint = endpoint;
    state.era = stats.era();
  }
  return state;
}

void OutlierDetector::forgive(const EndpointPtr& endpoint) {
  State& state = state_of(endpoint);
  state.is_out = false;
  state.forgiven = halves(endpoint->stats());
  state.failed = endpoint->stats().failed();
  state.half_failed = endpoint->stats().half_failed();
  state.succeeded = endpoint->stats().succeeded();
}

bool OutlierDetector::is_ejected(const Endpoint& endpoint) const {
  const auto at = states_.find(&endpoint);
  return at != states_.end() && at->second.is_out &&
         at->second.endpoint.lock().get() == &endpoint && at->second.era == endpoint.stats().era();
}

std::string OutlierDetector::why_ejected(const Endpoint& endpoint) const {
  return is_ejected(endpoint) ? states_.at(&endpoint).why : "";
}

std::size_t OutlierDetector::ejected() const {
  return static_cast<std::size_t>(std::count_if(states_.begin(), states_.end(), [](const auto& at) {
    const auto endpoint = at.second.endpoint.lock();
    return at.second.is_out && endpoint && at.second.era == endpoint->stats().era();
  }));
}

bool OutlierDetector::may_eject(std::size_t ready) const {
  const std::size_t out = ejected();
  return out < std::max<std::size_t>(ready / 10, 1) && out + 1 < ready;
}

bool OutlierDetector::eject(const Candidate& candidate, std::size_t ready, const std::string& why,
                            TimePoint now) {
  State& state = state_of(candidate.endpoint);
  if (state.is_out || !may_eject(ready)) return false;
  ++state.times;
  state.is_out = true;
  state.forgiven = halves(candidate.endpoint->stats());
  const Duration time = std::min(options_.base * state.times, options_.most);
  state.until = now + time + jitter(random_, time / 10);
  state.why = why + ", out for " +
              std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
  if (options_.on_change) options_.on_change(*candidate.endpoint, why, time);
  return true;
}

bool OutlierDetector::look(const std::vector<Candidate>& ready, TimePoint now) {
  if (!options_.enabled) return false;
  bool changed = false;
  for (const Candidate& each : ready) {
    const CallStats& stats = each.endpoint->stats();
    if (stats.failed_in_a_row() < kInARow) continue;
    if (halves(stats) < state_of(each.endpoint).forgiven + 2 * kInARow) continue;
    changed |= eject(each, ready.size(), std::to_string(kInARow) + " failures in a row", now);
  }
  return changed;
}

bool OutlierDetector::sweep(const std::vector<Candidate>& ready, TimePoint now) {
  if (!options_.enabled) return false;
  bool changed = bring_back(now);
  if (now - compared_ >= options_.interval) {
    compared_ = now;
    changed |= compare(ready, now);
  }
  return changed;
}

bool OutlierDetector::bring_back(TimePoint now) {
  bool changed = false;
  for (auto at = states_.begin(); at != states_.end();) {
    State& state = at->second;
    const auto endpoint = state.endpoint.lock();
    if (endpoint && state.is_out && state.until <= now) {
      state.is_out = false;
      changed = true;
      if (options_.on_change) options_.on_change(*endpoint, "", {});
    }
    at = endpoint ? std::next(at) : states_.erase(at);
  }
  return changed;
}

bool OutlierDetector::compare(const std::vector<Candidate>& ready, TimePoint now) {
  std::vector<Rate> rates;
  for (const Candidate& each : ready) {
    State& state = state_of(each.endpoint);
    const CallStats& stats = each.endpoint->stats();
    const std::uint64_t good = stats.succeeded(), bad = stats.failed(), half = stats.half_failed();
    const std::uint64_t calls = good - state.succeeded + bad - state.failed;
    const double well = static_cast<double>(good - state.succeeded) +
                        static_cast<double>(half - state.half_failed) / 2;
    if (calls > 0 && !state.is_out)
      rates.push_back({&each, well / static_cast<double>(calls), calls});
    state.succeeded = good;
    state.failed = bad;
    state.half_failed = half;
  }
  const bool changed = compare_rates(rates, ready.size(), now);
  for (const Rate& rate : rates) {
    State& state = state_of(rate.candidate->endpoint);
    if (!state.is_out && state.times > 0) --state.times;
  }
  return changed;
}

bool OutlierDetector::compare_rates(const std::vector<Rate>& rates, std::size_t ready,
                                    TimePoint now) {
  const auto with = [&](std::uint64_t calls) {
    std::vector<Rate> some;
    std::copy_if(rates.begin(), rates.end(), std::back_inserter(some),
                 [calls](const Rate& rate) { return rate.calls >= calls; });
    return some.size() < kCompared ? std::vector<Rate>() : some;
  };
  bool changed = false;
  const auto busy = with(kRateCalls);
  double sum = 0, squares = 0;
  for (const Rate& rate : busy) sum += rate.success, squares += rate.success * rate.success;
  const double count = std::max<double>(static_cast<double>(busy.size()), 1), mean = sum / count;
  const double least = mean - kDeviations * std::sqrt(std::max(squares / count - mean * mean, 0.0));
  for (const Rate& rate : busy)
    if (rate.success < least)
      changed |= eject(*rate.candidate, ready,
                       percent(rate.success) + " succeed, " + percent(mean) + " elsewhere", now);
  for (const Rate& rate : with(kShareCalls))
    if (1 - rate.success > kMostFailures)
      changed |= eject(*rate.candidate, ready, percent(1 - rate.success) + " fail", now);
  return changed;
}

}  // namespace brontes
