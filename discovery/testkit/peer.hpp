// A scripted server of a world: registered by a real lease keeper, called over scripted
// connections.
#pragma once

#include <brontes/discovery/channel/transport.hpp>
#include <brontes/discovery/lease_keeper.hpp>
#include <brontes/discovery/testkit/detail/dice.hpp>
#include <brontes/discovery/testkit/peer_behaviour.hpp>
#include <brontes/discovery/testkit/registry_gate.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace brontes {

namespace detail {
struct WorldCore;
}

struct PeerOptions {
  std::string service = "svc";
  std::string version = {};
  std::uint32_t weight = 100;
  std::map<std::string, std::string> tags = {};
  PeerBehaviour behaviour = {};
  bool starts = true;  ///< false: start() it when its time has come
};

enum class PeerState {
  kAbsent,   ///< not there: its port refuses, its record is gone
  kRunning,  ///< registered and serving
  kPaused,   ///< as under SIGSTOP: connections stay open, nothing answers, no lease is renewed
  kLeaving,  ///< drained, and still serving; absent after Peer::kDrain
  kCrashed,  ///< as after kill -9: connections are reset, its lease lapses with its ttl
};

/// Belongs to the thread of the test. Its words are said between advance()s.
class Peer {
 public:
  static constexpr Duration kDrain = std::chrono::seconds(3);

  Peer(detail::WorldCore& core, std::string name, PeerOptions options);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  const std::string& name() const { return name_; }
  PeerState state() const { return state_; }

  /// From now on calls are treated so; those that it works on are finished as they were begun.
  void become(const PeerBehaviour& behaviour);
  const PeerBehaviour& behaviour() const { return behaviour_; }
  /// Changes the record.
  void reweigh(std::uint32_t weight);

  /// A new process, with a newer incarnation; of a paused one it is the end of the pause.
  void start();
  void pause();
  void leave();
  void crash();
  /// Nothing comes through between it and the callers, or the registry.
  void cut(bool from_callers, bool from_registry);

  /// Calls that reached it after that moment.
  std::uint64_t received(TimePoint since = {}) const;

  // The world's part.
  struct Request {
    TimePoint deadline;
    std::function<void(UnaryReply)> answer;  ///< at most once
  };
  /// When the answer will come, if that is known.
  std::optional<TimePoint> receive(Request request);
  bool is_listening() const {
    return state_ == PeerState::kRunning || state_ == PeerState::kLeaving;
  }
  bool is_silent() const { return cut_from_callers_ || state_ == PeerState::kPaused; }
  bool is_reachable() const { return is_listening() && !is_silent(); }
  const LeaseKeeper& keeper() const { return keeper_; }

 private:
  struct Work {
    TimePoint deadline;
    Duration takes;
    bool hangs;
    UnaryReply reply;
    std::function<void(UnaryReply)> answer;
  };

  Instance record() const;
  void note(const std::string& text);
  void end_process();
  void left();
  void rule_gate();
  void tell_links();
  Work draw(Request request);
  std::optional<TimePoint> begin(Work work);
  void finish(std::uint64_t process, const Work& work);
  void begin_next();

  detail::WorldCore& core_;
  const std::string name_;
  PeerOptions options_;
  PeerBehaviour behaviour_;
  detail::Dice dice_;
  PeerState state_ = PeerState::kAbsent;
  bool cut_from_callers_ = false, cut_from_registry_ = false;
  std::uint64_t process_ = 0;  // number of the one that runs
  RegistryGate gate_;
  LeaseKeeper keeper_;
  std::vector<LeaseKeeper> former_;  // of processes that left: they still say good-bye
  std::size_t busy_ = 0;             // workers
  std::deque<Work> waiting_;
  std::vector<TimePoint> received_;
};

}  // namespace brontes
