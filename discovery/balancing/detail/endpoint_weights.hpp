// What each endpoint weighs at the moment: its record's weight, less while it is young, and by how
// busy its server says it is.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/discovery/balancing/endpoint.hpp>
#include <map>
#include <memory>
#include <vector>

namespace brontes {

struct WeightOptions {
  Duration slow_start =
      std::chrono::seconds(30);  ///< until an endpoint is warm; zero: it is at once
  bool by_load = false;          ///< reports of the servers count
};

/// Confined to one actor.
///
/// Slow start: an endpoint, from the first time that this process of its was READY, grows from a
/// tenth of its weight to all of it. Those that are there when the channel begins, or that are
/// more than half of all, are warm at once: there is nobody to take their calls.
///
/// By load: weight x (0.6 (1 - cpu) + 0.4 / (1 + latency / 100 ms)), relative to the mean of all,
/// not below a tenth of it; each second a third of the way to the new value, and by no more than a
/// fifth. An endpoint counts as the mean for ten seconds after its first report, and when
/// its last one is older than three minutes.
class EndpointWeights {
 public:
  explicit EndpointWeights(WeightOptions options) : options_(options) {}

  /// Sets weight and warmth of each.
  void weigh(std::vector<Candidate>& candidates, TimePoint now);
  /// In a second they will weigh something else.
  bool changing() const { return warming_ || options_.by_load; }

  static constexpr Duration kStep = std::chrono::seconds(1);

 private:
  struct State {
    std::weak_ptr<Endpoint> endpoint;
    std::uint32_t era = 0;
    TimePoint since{};  // READY
    bool is_warm = false;
    TimePoint first_report = TimePoint::max();
    double score = 0;  // smoothed; 0: none yet
  };
  State& state_of(const Candidate& candidate, TimePoint now);
  void warm(std::vector<Candidate>& candidates, TimePoint now);
  void score(std::vector<Candidate>& candidates, TimePoint now);
  double wanted(State& state, const CallStats& stats, TimePoint now) const;
  void forget();

  const WeightOptions options_;
  std::map<const Endpoint*, State> states_;
  TimePoint began_ = TimePoint::max();  // the first endpoint was there
  TimePoint scored_{};
  double mean_ = 1;
  bool warming_ = false;
};

}  // namespace brontes
