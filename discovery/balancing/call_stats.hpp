// What became of the calls to one endpoint, and how it did: written where calls run, read by picks
// and by the load balancer.
#pragma once

#include <atomic>
#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/discovery/balancing/channel_load.hpp>
#include <brontes/discovery/balancing/retry_tokens.hpp>
#include <cstdint>
#include <memory>
#include <utility>

namespace brontes {

/// The endpoint failed, rather than the caller: what lowers its success.
bool is_endpoint_failure(Errc code);

/// Whether it counts only half where endpoints are ejected: it is full, not broken.
inline bool is_half_a_failure(Errc code) { return code == Errc::kResourceExhausted; }

/// A call on its way; give it back to the stats that made it.
struct CallTicket {
  std::uint32_t era = 0;
  bool timed = true;
  TimePoint began{};
};

/// Thread-safe; some ten nanoseconds at each end of a call. The figures are of one process
/// (incarnation): calls that began before restart() leave in_flight() when they end, and count for
/// nothing else. Where several calls end at once one observation may be lost to another.
class alignas(64) CallStats {
 public:
  static constexpr std::uint32_t kAlarm = 5;

  explicit CallStats(std::shared_ptr<ChannelLoad> channel = std::make_shared<ChannelLoad>())
      : channel_(std::move(channel)) {}

  /// A call starts. `timed`: how long it takes says something of the endpoint, as of unary calls;
  /// the time of a stream does not.
  CallTicket begin(bool timed = true);
  /// It ended with that code. CANCELLED is the caller's will, and says nothing of the endpoint but
  /// that it takes at least so long.
  void end(const CallTicket& ticket, Errc code);
  /// Somebody else, asked later, was faster than a call here. From the second time in a row on,
  /// with no success in between, the endpoint looks twice as slow each time, up to 64 times: who
  /// hangs is not to look as quick as those who mend it.
  void outrun();
  /// It ended and nobody knows how.
  void abandon(const CallTicket& ticket);
  /// The server said how much of its CPU it uses, 0 to 1.
  void report(float cpu);
  /// A new process is behind the address: nothing is known of it.
  void restart();

  std::uint32_t in_flight() const {
    return static_cast<std::uint32_t>(in_flight_.load(std::memory_order_relaxed));
  }
  std::uint64_t succeeded() const { return succeeded_.load(std::memory_order_relaxed); }
  std::uint64_t failed() const { return failed_.load(std::memory_order_relaxed); }
  /// Of those that failed: the ones that count half.
  std::uint64_t half_failed() const { return half_failed_.load(std::memory_order_relaxed); }
  /// Failures since the last success, two halves for one. Each time it has grown by kAlarm the
  /// channel is alarmed.
  std::uint32_t failed_in_a_row() const { return in_a_row_.load(std::memory_order_relaxed) / 2; }

  /// Seconds, of timed calls: a slower one counts at once, faster ones bit by bit. 0: none has been
  /// answered.
  float latency() const { return latency_.load(std::memory_order_relaxed); }
  /// Share of calls that did not fail, 0 to 1: of the last sixteen or so, or of the last decay().
  float success() const { return success_.load(std::memory_order_relaxed); }
  /// Seconds: latency / success, which counts as 0.01 at least; 1 / success without an answer.
  float price() const { return price_.load(std::memory_order_relaxed); }
  /// When the last call ended that says something of the endpoint, or the first one began; long
  /// ago: it was never called.
  TimePoint last_heard() const { return time(heard_); }
  /// Some timed call has been waiting for its answer since then; only while any is in flight.
  TimePoint waiting_since() const { return time(waiting_since_); }
  bool is_waiting() const { return in_flight_.load(std::memory_order_relaxed) >> 32 != 0; }
  /// What the server said last, and when; 0 reports: nothing so far.
  float cpu() const { return cpu_.load(std::memory_order_relaxed); }
  TimePoint reported() const { return time(reported_); }
  std::uint64_t reports() const { return reports_.load(std::memory_order_relaxed); }
  /// Whether calls may be made again here; written by those who make them again.
  RetryTokens& retry_tokens() { return retry_tokens_; }
  /// Another number for each process behind the address.
  std::uint32_t era() const { return era_.load(std::memory_order_relaxed); }
  ChannelLoad& channel() const { return *channel_; }

 private:
  static TimePoint time(const std::atomic<std::int64_t>& ns) {
    return TimePoint(Duration(ns.load(std::memory_order_relaxed)));
  }
  void leave(const CallTicket& ticket);
  void learn(const CallTicket& ticket, TimePoint now, bool failed);
  void learn_latency(float took, float kept, bool failed);
  void outwaited(const CallTicket& ticket, TimePoint now);
  void update_price();

  std::atomic<std::uint64_t> in_flight_{0};  // all; and those that are timed, 32 bits higher
  static constexpr std::int64_t kLongAgo = INT64_MIN / 4;
  std::atomic<std::int64_t> heard_{kLongAgo}, waiting_since_{kLongAgo};
  std::atomic<float> price_{1}, latency_{0}, success_{1};
  std::atomic<std::uint32_t> era_{0}, in_a_row_{0};  // the latter in halves
  std::atomic<std::uint32_t> outrun_{0};             // since the last success
  std::atomic<std::uint64_t> succeeded_{0}, failed_{0};
  // Picks look no further: the next cache line.
  std::atomic<float> cpu_{0};
  std::atomic<std::int64_t> reported_{kLongAgo};
  std::atomic<std::uint64_t> reports_{0}, half_failed_{0};
  RetryTokens retry_tokens_;
  const std::shared_ptr<ChannelLoad> channel_;
};

}  // namespace brontes
