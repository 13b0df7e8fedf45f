// What one unary call is to be: request, deadline, rules. Does not change once it is made.
#pragma once

#include <brontes/discovery/channel/client_call.hpp>
#include <brontes/discovery/channel/detail/channel_core.hpp>
#include <memory>
#include <string>

namespace brontes {

/// Somebody further out makes the call again if it fails: nobody further in does.
inline constexpr const char* kRetryOwner = "x-retry-owner";

class CallPlan {
 public:
  CallPlan(const ChannelCore& core, std::string method, std::string body, CallOptions options);

  /// kInvalidArgument: no method, or metadata that may not travel.
  Status check() const;
  /// Of the attempt after that many.
  UnaryRequest request(int made) const;

  const std::string& path() const { return path_; }
  const CallContext& parent() const { return options_.parent; }
  const CallRule& rule() const { return rule_; }
  const RetryPolicy& retry() const { return options_.retry ? *options_.retry : rule_.retry; }
  bool idempotent() const { return options_.idempotent || rule_.idempotent; }
  TimePoint deadline() const { return deadline_; }
  std::uint64_t key() const { return key_; }

  /// Whether a call that failed so may be made again at all, for all that it says.
  bool is_worth_repeating(const UnaryReply& reply) const;
  /// Whether it may be, after so many attempts, of which so many were sent again.
  bool may_repeat(const UnaryReply& reply, int attempts, int resends) const;
  /// Whether another endpoint is asked at once.
  bool is_repeated_at_once(const UnaryReply& reply) const;
  /// When otherwise.
  TimePoint next_attempt(const UnaryReply& reply, int attempts, std::uint64_t& random) const;

 private:
  // What a server has seen, that is: the rest is nobody's load.
  bool retries_here() const {
    return retry().attempts() > 1 && (idempotent() || retry().max_resends > 0);
  }

  const ChannelCore& core_;
  const std::string path_;
  const std::shared_ptr<const std::string> body_;
  const CallOptions options_;
  const CallRule& rule_;
  const TimePoint deadline_;
  const std::uint64_t key_;
};

}  // namespace brontes
