// Takes endpoints that fail out of service for a while, though they are connected.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/discovery/balancing/endpoint.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace brontes {

struct OutlierOptions {
  bool enabled = true;
  Duration interval = std::chrono::seconds(10);  ///< between comparisons of all
  Duration base = std::chrono::seconds(30);      ///< the k-th ejection lasts k times as long,
  Duration most = std::chrono::seconds(300);     ///< at most this, and up to a tenth more
  /// Told of each ejection and return, for the log: "5 failures in a row", or "" for a return.
  std::function<void(const Endpoint&, const std::string& why, Duration time)> on_change = {};
};

/// Confined to one actor. An endpoint is ejected
/// - for 5 failures in a row (RESOURCE_EXHAUSTED is half of one, here and below), as soon as they
/// are known; or, each interval, if at least five had
///   calls enough to compare,
/// - for a share of successes more than 1.9 standard deviations below the mean (of those with 100
///   calls in the interval),
/// - for more than 85 % failures (with 50 calls).
/// At most a tenth of them are out at a time, but one may be; never the last. Each interval without
/// a reason for it takes one off the k of the next ejection.
class OutlierDetector {
 public:
  explicit OutlierDetector(OutlierOptions options) : options_(std::move(options)) {}

  /// Some endpoint has failed several times in a row. True: somebody is out now.
  bool look(const std::vector<Candidate>& ready, TimePoint now);
  /// Once a second or so. True: somebody is out, or back, now.
  bool sweep(const std::vector<Candidate>& ready, TimePoint now);
  /// It is connected again: most likely to another process, so what was before is forgiven.
  void forgive(const EndpointPtr& endpoint);
  bool is_ejected(const Endpoint& endpoint) const;
  /// "5 failures in a row, out for 30 s"; "" unless it is ejected.
  std::string why_ejected(const Endpoint& endpoint) const;
  std::size_t ejected() const;

 private:
  struct State {
    std::weak_ptr<Endpoint> endpoint;
    std::uint32_t era = 0;
    std::uint64_t succeeded = 0, failed = 0, half_failed = 0;  // when the interval began
    std::uint64_t forgiven = 0;  // halves of failures that led to an ejection already
    int times = 0;               // the k
    bool is_out = false;
    TimePoint until{};
    std::string why;
  };
  struct Rate {
    const Candidate* candidate;
    double success;
    std::uint64_t calls;
  };
  State& state_of(const EndpointPtr& endpoint);
  bool may_eject(std::size_t ready) const;
  bool eject(const Candidate& candidate, std::size_t ready, const std::string& why, TimePoint now);
  bool bring_back(TimePoint now);
  bool compare(const std::vector<Candidate>& ready, TimePoint now);
  bool compare_rates(const std::vector<Rate>& rates, std::size_t ready, TimePoint now);

  const OutlierOptions options_;
  std::map<const Endpoint*, State> states_;
  TimePoint compared_{};
  std::uint64_t random_ = 1;  // of the jitter
};

}  // namespace brontes
