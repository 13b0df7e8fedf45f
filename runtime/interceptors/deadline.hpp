// No call lasts for ever, and none that nobody waits for is served.
#pragma once

#include <brontes/actors/call/interceptor.hpp>
#include <brontes/actors/clock.hpp>
#include <brontes/actors/system.hpp>
#include <memory>

namespace brontes {

struct DeadlineOptions {
  /// For calls that come without one; zero: none is set.
  Duration default_timeout = Duration::zero();
  /// Calls that ask for more get this; zero: no limit.
  Duration max_timeout = Duration::zero();
};

/// Refuses calls that arrive expired (DEADLINE_EXCEEDED), and brings deadlines forward. Handlers
/// and the calls they make see the result in Call::deadline(). When a deadline that was set here
/// passes, the call is cancelled as if the caller had set it: its handler sees kCancelled, and the
/// caller gets DEADLINE_EXCEEDED. A function that is running is not interrupted.
class Deadline final : public Interceptor {
 public:
  /// The system must outlive it.
  explicit Deadline(System& system, DeadlineOptions options = {});
  ~Deadline() override;
  const char* name() const override { return "deadline"; }
  Status on_headers(Call& call) override;
  void on_done(const Call& call, const Outcome& outcome) noexcept override;

 private:
  struct Curfew;
  const DeadlineOptions options_;
  std::unique_ptr<Curfew> curfew_;  ///< null: no limits
};

}  // namespace brontes
