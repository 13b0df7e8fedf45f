#include <algorithm>
#include <brontes/discovery/balancing/call_stats.hpp>
#include <cmath>

namespace brontes {
namespace {

constexpr std::uint64_t kUntimed = 1, kTimed = (std::uint64_t{1} << 32) + 1;

// What one call says of the success: at least so much, or who answers a thousand calls a second
// with errors would be believed in for seconds; at most so much, or one error would be the end of
// trust.
constexpr float kLeastNews = 1.0f / 16, kMostNews = 0.5f;

constexpr float kUnknown = 1;  // seconds
constexpr float kLeastSuccess = 0.01f;
constexpr std::uint32_t kMostDoublings = 6;

float in_seconds(Duration time) { return std::chrono::duration<float>(time).count(); }

}  // namespace

bool is_endpoint_failure(Errc code) {
  switch (code) {
    case Errc::kUnknown:
    case Errc::kDeadlineExceeded:
    case Errc::kResourceExhausted:
    case Errc::kInternal:
    case Errc::kUnavailable:
    case Errc::kDataLoss:
      return true;
    default:
      return false;
  }
}

CallTicket CallStats::begin(bool timed) {
  CallTicket ticket{era_.load(std::memory_order_relaxed), timed, channel_->now()};
  channel_->add();
  const auto before = in_flight_.fetch_add(timed ? kTimed : kUntimed, std::memory_order_relaxed);
  if (timed && before >> 32 == 0)
    waiting_since_.store(ticket.began.time_since_epoch().count(), std::memory_order_relaxed);
  if (heard_.load(std::memory_order_relaxed) == kLongAgo)
    heard_.store(ticket.began.time_since_epoch().count(), std::memory_order_relaxed);
  return ticket;
}

void CallStats::leave(const CallTicket& ticket) {
  in_flight_.fetch_sub(ticket.timed ? kTimed : kUntimed, std::memory_order_relaxed);
  channel_->remove();
}

void CallStats::end(const CallTicket& ticket, Errc code) {
  const TimePoint now = channel_->now();
  leave(ticket);
  if (ticket.era != era_.load(std::memory_order_relaxed)) return;
  // Whoever still waits began before now: of the oldest one this is all that is known.
  if (ticket.timed) waiting_since_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  if (code == Errc::kCancelled) return outwaited(ticket, now);
  const bool failed = is_endpoint_failure(code);
  if (failed) {
    failed_.fetch_add(1, std::memory_order_relaxed);
    const bool half = is_half_a_failure(code);
    if (half) half_failed_.fetch_add(1, std::memory_order_relaxed);
    const std::uint32_t step = half ? 1 : 2;
    const auto before = in_a_row_.fetch_add(step, std::memory_order_relaxed);
    if (before / (2 * kAlarm) != (before + step) / (2 * kAlarm)) channel_->raise_alarm();
  } else {
    succeeded_.fetch_add(1, std::memory_order_relaxed);
    // A plain load first: the line stays shared while all goes well.
    if (in_a_row_.load(std::memory_order_relaxed) != 0)
      in_a_row_.store(0, std::memory_order_relaxed);
    if (outrun_.load(std::memory_order_relaxed) != 0) outrun_.store(0, std::memory_order_relaxed);
  }
  learn(ticket, now, failed);
}

// Whoever cancelled had waited so long already: that much is known of the answer. It counts as news
// even if it is no longer than what was known: or else who hangs, and is always given up for
// somebody else, would soon count as not asked for long.
void CallStats::outwaited(const CallTicket& ticket, TimePoint now) {
  const float waited = in_seconds(now - ticket.began);
  if (!ticket.timed || waited * 2 <= latency()) return;
  heard_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  learn_latency(waited, 0, true);
  update_price();
}

void CallStats::outrun() {
  heard_.store(channel_->now().time_since_epoch().count(), std::memory_order_relaxed);
  const auto before = outrun_.fetch_add(1, std::memory_order_relaxed);
  if (before == 0 || before > kMostDoublings) return;
  latency_.store(2 * latency(), std::memory_order_relaxed);
  update_price();
}

void CallStats::abandon(const CallTicket& ticket) { leave(ticket); }

// A failure may be slow, which counts, but it is never fast: who fails at once is not quick.
void CallStats::learn(const CallTicket& ticket, TimePoint now, bool failed) {
  const float kept = std::exp(-in_seconds(now - last_heard()) / in_seconds(channel_->decay()));
  const float news = std::clamp(1 - kept, kLeastNews, kMostNews);
  success_.store(success() * (1 - news) + (failed ? 0 : news), std::memory_order_relaxed);
  heard_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  if (ticket.timed) learn_latency(in_seconds(now - ticket.began), kept, failed);
  update_price();
}

void CallStats::update_price() {
  const float known = latency();
  price_.store((known == 0 ? kUnknown : known) / std::max(success(), kLeastSuccess),
               std::memory_order_relaxed);
}

void CallStats::learn_latency(float took, float kept, bool failed) {
  const float before = latency();
  if (failed && before == 0) return;  // nothing is known of its answers
  if (took > before)
    latency_.store(took, std::memory_order_relaxed);
  else if (!failed)
    latency_.store(before * kept + took * (1 - kept), std::memory_order_relaxed);
}

void CallStats::report(float cpu) {
  cpu_.store(cpu, std::memory_order_relaxed);
  reported_.store(channel_->now().time_since_epoch().count(), std::memory_order_relaxed);
  reports_.fetch_add(1, std::memory_order_relaxed);
}

void CallStats::restart() {
  era_.fetch_add(1, std::memory_order_relaxed);
  succeeded_.store(0, std::memory_order_relaxed);
  failed_.store(0, std::memory_order_relaxed);
  half_failed_.store(0, std::memory_order_relaxed);
  in_a_row_.store(0, std::memory_order_relaxed);
  outrun_.store(0, std::memory_order_relaxed);
  latency_.store(0, std::memory_order_relaxed);
  success_.store(1, std::memory_order_relaxed);
  price_.store(kUnknown, std::memory_order_relaxed);
  heard_.store(kLongAgo, std::memory_order_relaxed);
  reports_.store(0, std::memory_order_relaxed);
  retry_tokens_.refill();
}

}  // namespace brontes
