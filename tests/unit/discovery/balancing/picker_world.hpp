// Endpoints without connections, a clock by hand, and calls that take as long as a test says.
#pragma once

#include <gtest/gtest.h>

#include <brontes/discovery/balancing/picker.hpp>
#include <functional>
#include <map>
#include <queue>
#include <string>
#include <utility>
#include <vector>

namespace brontes::testing {

struct HandClock final : Clock {
  TimePoint now() const override { return time; }
  WallTime wall() const override { return {}; }
  TimePoint time{std::chrono::hours(1)};
};

/// The endpoints of one channel: "10.0.0.0:80", "10.0.0.1:80" and so on.
struct PickerWorld {
  explicit PickerWorld(std::vector<double> weights) {
    for (const double weight : weights) {
      const std::string address = "10.0.0." + std::to_string(all.size()) + ":80";
      all.push_back(
          {std::make_shared<Endpoint>(address, load), std::make_shared<Instance>(), weight});
    }
  }
  static std::vector<double> alike(std::size_t count) { return std::vector<double>(count, 100.0); }

  const Endpoint* at(std::size_t number) const { return all[number].endpoint.get(); }
  CallStats& stats(std::size_t number) { return *all[number].endpoint->shared_stats(); }
  std::size_t number(const Endpoint* endpoint) const {
    for (std::size_t i = 0; i < all.size(); ++i)
      if (at(i) == endpoint) return i;
    return all.size();
  }

  /// So many picks by number of the endpoint; nothing is called.
  std::vector<int> shares(const Picker& picker, int picks, const PickArgs& args = {}) const {
    std::map<const Endpoint*, int> counted;
    for (int i = 0; i < picks; ++i) ++counted[picker.pick(args).endpoint];
    std::vector<int> result;
    for (const auto& each : all) result.push_back(counted[each.endpoint.get()]);
    return result;
  }

  struct Answer {
    Duration after{};
    Errc code = Errc::kOk;
  };
  /// Calls at that distance for so long, each answered as `answer(number)` says: how many each got.
  std::vector<int> run(const Picker& picker, Duration time, Duration gap,
                       const std::function<Answer(std::size_t)>& answer) {
    std::vector<int> calls(all.size());
    const TimePoint end = clock.time + time;
    for (TimePoint next = clock.time; next < end; next += gap) {
      land(next);
      clock.time = next;
      const std::size_t to = number(picker.pick({}).endpoint);
      ++calls[to];
      const Answer given = answer(to);
      flying.push({next + given.after, to, given.code, stats(to).begin()});
    }
    land(end);
    clock.time = end;
    return calls;
  }
  /// Ends the calls whose time has come.
  void land(TimePoint until) {
    for (; !flying.empty() && flying.top().at <= until; flying.pop()) {
      clock.time = flying.top().at;
      stats(flying.top().to).end(flying.top().ticket, flying.top().code);
    }
  }

  HandClock clock;
  std::shared_ptr<ChannelLoad> load = std::make_shared<ChannelLoad>(clock);
  std::vector<Candidate> all;

  struct Flight {
    TimePoint at;
    std::size_t to;
    Errc code;
    CallTicket ticket;
    bool operator<(const Flight& other) const { return at > other.at; }  // earliest on top
  };
  std::priority_queue<Flight> flying;
};

}  // namespace brontes::testing
