// The numbers of one lease: when to renew it, how sure one may be of it, how long to wait after a
// failure.
#pragma once

#include <algorithm>
#include <brontes/actors/backoff.hpp>
#include <brontes/discovery/lease_keeper.hpp>
#include <optional>

namespace brontes::detail {

/// Confined to its keeper. K, the renewal period, is a third of the granted ttl.
class HeldLease {
 public:
  explicit HeldLease(const LeaseKeeperOptions& options)
      : options_(options),
        ttl_(options.ttl),
        retry_(options.retry, options.seed),
        random_(options.seed) {}

  const std::optional<LeaseId>& id() const { return id_; }
  std::chrono::seconds ttl() const { return ttl_; }
  /// When it lapses if nothing is heard any more, as far as we can know.
  TimePoint deadline() const { return proven_ + ttl_; }

  /// Time counts from when we asked, since the registry's began no earlier.
  void begin(const LeaseGranted& granted, TimePoint asked) {
    id_ = granted.lease;
    ttl_ = granted.ttl;
    proven_ = since_ = asked;
    failures_ = 0;
  }
  void renewed(const LeaseRenewed& renewed, TimePoint asked) {
    ttl_ = renewed.ttl;
    proven_ = std::max(proven_, asked);
    failures_ = 0;
    if (asked - since_ >= std::chrono::seconds(10)) retry_.reset();
  }
  void end() { id_.reset(); }
  /// The last renewal failed, so whoever asks something else will most likely fail, too.
  bool is_failing() const { return failures_ > 0; }

  LeasePhase phase(TimePoint now) const {
    if (!id_) return LeasePhase::kGranting;
    const Duration age = now - proven_;
    if (age >= ttl_) return LeasePhase::kUnknown;
    return age >= Duration(ttl_) * 2 / 3 ? LeasePhase::kSuspect : LeasePhase::kHeld;
  }

  /// K +- 10 %.
  Duration renewal_period() {
    const Duration period = Duration(ttl_) / 3;
    return period * 9 / 10 + jitter(random_, period / 5);
  }
  Duration renewal_patience() const {
    return std::min<Duration>(Duration(ttl_) / 6, std::chrono::seconds(2));
  }
  /// Until the next renewal after one that failed: quick at first, since the ttl runs.
  Duration renewal_retry() {
    const Duration limit = std::min(options_.retry.base * (1u << std::min(failures_++, 10u)),
                                    std::min<Duration>(options_.retry.max, Duration(ttl_) / 6));
    return limit / 2 + jitter(random_, limit / 2);
  }
  Duration grant_retry() { return retry_.next(); }
  /// Before the first grant after a loss, so that many do not come back at once.
  Duration first_retry() { return jitter(random_, options_.first_retry); }
  Duration audit_period() { return kAudit * 9 / 10 + jitter(random_, kAudit / 5); }

 private:
  static constexpr Duration kAudit = std::chrono::seconds(60);

  LeaseKeeperOptions options_;
  std::optional<LeaseId> id_;  ///< engaged from the grant to the loss or the revocation
  std::chrono::seconds ttl_;
  TimePoint since_{};
  TimePoint proven_{};  ///< when we asked for what was answered last
  std::uint32_t failures_ = 0;
  Backoff retry_;
  std::uint64_t random_;
};

}  // namespace brontes::detail
