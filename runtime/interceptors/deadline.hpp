// No call lasts for ever, and none that nobody waits for is served.
#pragma once

#include <brontes/actors/call/interceptor.hpp>
#include <brontes/actors/clock.hpp>

namespace brontes {

struct DeadlineOptions {
  /// For calls that come without one; zero: none is set.
  Duration default_timeout = Duration::zero();
  /// Calls that ask for more get this; zero: no limit.
  Duration max_timeout = Duration::zero();
};

/// Refuses calls that arrive expired (DEADLINE_EXCEEDED), and brings deadlines forward. Handlers
/// and the calls they make see the result in Call::deadline(); a call whose limit was set here is
/// not cut off when it passes, but dropped if it has not reached its handler by then.
class Deadline final : public Interceptor {
 public:
  explicit Deadline(DeadlineOptions options = {}) : options_(options) {}
  const char* name() const override { return "deadline"; }
  Status on_headers(Call& call) override;

 private:
  const DeadlineOptions options_;
};

}  // namespace brontes
