// A scripted client of a world: a real channel, with its resolver, balancer and retries, on which
// calls are made at a rate or in a loop; and the count of what became of them.
#pragma once

#include <brontes/actors/resilience/breaker.hpp>
#include <brontes/discovery/channel/client_call.hpp>
#include <brontes/discovery/snapshot.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace brontes {

namespace detail {
struct WorldCore;
}

struct CallerOptions {
  std::string service = "svc";  ///< or "svc/v2"
  double rate = 0;              ///< calls a second, evenly spaced; 0: none
  std::size_t loops = 0;        ///< so many more, each begun `pause` after the one before has ended
  Duration pause = std::chrono::milliseconds(1);
  Duration timeout = std::chrono::seconds(1);  ///< of each call, for all of its attempts
  bool idempotent = false;
  std::size_t keys = 0;                        ///< call i has key i modulo `keys`; 0: no key
  std::optional<BreakerOptions> breaker = {};  ///< around all of its calls; the seed is the world's
  ChannelOptions channel = {};  ///< policy, retries and so on; transport and seed are the world's
  bool starts = true;           ///< false: start() it when its time has come
};

/// What became of calls and attempts. Durations are of calls that were answered well.
struct Tally {
  std::uint64_t calls = 0;               ///< begun
  std::uint64_t ok = 0, failed = 0;      ///< ended
  std::map<Errc, std::uint64_t> errors;  ///< of those that failed
  std::uint64_t attempts = 0;
  std::map<std::string, std::uint64_t> attempts_to;  ///< by peer
  std::map<std::string, TimePoint> last_attempt_to;  ///< by peer
  Duration p50{}, p99{}, most{};

  /// Of the attempts, 0 to 1; 0 if there is none.
  double share(const std::string& peer) const;
  /// 0 if no call began.
  double attempts_per_call() const;
  /// Adds another one's counts; durations become the longer ones.
  void add(const Tally& other);
};

/// Belongs to the thread of the test. Its words are said between advance()s.
class Caller {
 public:
  Caller(detail::WorldCore& core, std::string name, CallerOptions options);
  ~Caller();
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  const std::string& name() const;
  /// Of the options: the channel or the breaker cannot be.
  const Status& status() const;

  /// Begins to call, or goes on.
  void start();
  /// Begins no more calls.
  void pause();
  void set_rate(double calls_per_second);
  /// Nothing comes through between it and the peers, or the registry. `reordered`: changes of the
  /// registry are followed by the ones before them, told once more.
  void cut(bool from_peers, bool from_registry);
  void reorder_changes(bool reordered);

  /// What began, was sent or ended after that moment.
  Tally tally(TimePoint since = {}) const;
  /// kClosed, if it has none.
  BreakerState breaker() const;
  /// Endpoints that calls go to, as the channel sees them.
  std::size_t endpoints() const;
  /// The newest that its resolver told; never null.
  SnapshotPtr snapshot() const;
  /// For calls of one's own. Only if status() is OK.
  const Channel& channel() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace brontes
