// Breakers against a model that is as simple as their description.
#include <deque>
#include <random>

#include "world.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;

/// A breaker in words: sequential, no atomics, no actor.
class Model {
 public:
  Model(BreakerOptions options, TimePoint now) : options_(std::move(options)), now_(now) {}

  void advance(Duration by) {
    now_ += by;
    if (state_ == BreakerState::kOpen && now_ >= opened_ + options_.open_for)
      turn(BreakerState::kHalfOpen);
  }

  struct Ticket {
    std::uint64_t generation = 0;
    std::size_t probe = 0;
  };
  std::optional<Ticket> enter() {
    if (state_ == BreakerState::kOpen) return {};
    if (state_ == BreakerState::kClosed) return Ticket{generation_};
    for (auto& probe : probes_)
      if (!probe.spent && probe.until <= now_) {
        probe.until = now_ + options_.probe_timeout;
        probe.ticket = ++last_ticket_;
        return Ticket{generation_, probe.ticket};
      }
    return {};
  }

  void leave(const Ticket& ticket, Errc code) {
    if (ticket.generation != generation_) return;
    const bool failed = code == Errc::kUnavailable;
    const bool neutral = code == Errc::kNotFound;
    if (state_ == BreakerState::kHalfOpen) return settle(ticket, failed, neutral);
    if (neutral) return;
    if (options_.rule == BreakerOptions::Rule::kConsecutive) {
      in_a_row_ = failed ? in_a_row_ + 1 : 0;
      if (in_a_row_ > options_.max_consecutive) turn(BreakerState::kOpen);
      return;
    }
    calls_.push_back({now_, failed});
    const Duration step = options_.window / options_.buckets;
    const auto bucket = [&](TimePoint at) { return at.time_since_epoch() / step; };
    while (bucket(calls_.front().at) + options_.buckets <= bucket(now_)) calls_.pop_front();
    double bad = 0;
    for (const auto& each : calls_) bad += each.failed ? 1 : 0;
    const double all = static_cast<double>(calls_.size());
    if (calls_.size() >= options_.min_calls && bad / all * 100 + 0.5 >= options_.open_at_percent)
      turn(BreakerState::kOpen);
  }

  BreakerState state() const { return state_; }
  std::uint64_t generation() const { return generation_; }

 private:
  struct Probe {
    TimePoint until{};
    std::size_t ticket = 0;
    bool spent = false;
  };
  struct Counted {
    TimePoint at;
    bool failed;
  };

  void settle(const Ticket& ticket, bool failed, bool neutral) {
    for (auto& probe : probes_) {
      if (probe.ticket != ticket.probe) continue;
      probe.ticket = 0;
      probe.until = {};
      if (failed) return turn(BreakerState::kOpen);
      if (neutral) return;
      probe.spent = true;
      if (++passed_ == options_.probes) turn(BreakerState::kClosed);
      return;
    }
  }
  void turn(BreakerState to) {
    state_ = to;
    ++generation_;
    opened_ = now_;
    in_a_row_ = 0;
    passed_ = 0;
    calls_.clear();
    probes_.assign(options_.probes, {});
  }

  const BreakerOptions options_;
  TimePoint now_, opened_{};
  BreakerState state_ = BreakerState::kClosed;
  std::uint64_t generation_ = 1;
  std::uint32_t in_a_row_ = 0, passed_ = 0;
  std::size_t last_ticket_ = 0;
  std::vector<Probe> probes_;
  std::deque<Counted> calls_;
};

class BreakerProperty : public GuardScenario {
 protected:
  struct Open {
    Permit permit;
    Model::Ticket ticket;
  };

  /// Calls that begin and end as a seed says, with pauses between, and phases in which most fail.
  void play(const BreakerOptions& options, unsigned seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto below = [&](unsigned n) { return random() % n; };
    const auto it = breaker(options);
    Model model(options, now());
    std::vector<Open> open;
    unsigned failures_of_ten = 5;
    for (int step = 0; step < 2000 && !HasFailure(); ++step) {
      if (below(100) == 0) failures_of_ten = below(11);
      switch (below(8)) {
        case 0: {
          const Duration by = std::chrono::milliseconds(below(8) == 0 ? below(4000) : below(40));
          advance(by);
          model.advance(by);
          break;
        }
        case 1:
        case 2:
        case 3:
          begin(*it, model, open);
          break;
        default:
          end(*it, model, open, below, failures_of_ten);
      }
      ASSERT_EQ(it->state().state, model.state()) << "step " << step;
      ASSERT_EQ(it->state().generation, model.generation()) << "step " << step;
    }
  }

 private:
  static void begin(Breaker& it, Model& model, std::vector<Open>& open) {
    Permit permit;
    Status why;
    const bool is_in = it.enter({}, false, permit, why) == Entry::kIn;
    const auto ticket = model.enter();
    ASSERT_EQ(is_in, ticket.has_value());
    if (is_in) open.push_back({permit, *ticket});
  }
  template <class Below>
  static void end(Breaker& it, Model& model, std::vector<Open>& open, Below below,
                  unsigned failures_of_ten) {
    if (open.empty()) return;
    const auto at = open.begin() + below(static_cast<unsigned>(open.size()));
    const Errc code = below(10) < failures_of_ten ? Errc::kUnavailable
                      : below(4) == 0             ? Errc::kNotFound
                                                  : Errc::kOk;
    it.leave(at->permit, {.code = code});
    model.leave(at->ticket, code);
    open.erase(at);
  }
};

TEST_F(BreakerProperty, CountingInARowItDoesAsTheModel) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    auto options = BreakerOptions::gobreaker();
    options.open_for = 300ms;
    options.probes = 1 + seed % 3;
    options.probe_timeout = 200ms;
    play(options, seed);
  }
}

TEST_F(BreakerProperty, CountingSharesItDoesAsTheModel) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    auto options = BreakerOptions::hystrix();
    options.window = 1s;
    options.open_for = 300ms;
    options.probes = 1 + seed % 3;
    options.probe_timeout = 200ms;
    play(options, seed);
  }
}

}  // namespace
}  // namespace brontes::testing
