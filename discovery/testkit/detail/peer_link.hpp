// A connection from a caller to a peer: TCP and HTTP/2 as far as a channel can tell.
//
//   idle --connect--> connecting --listens--> ready --crash, GOAWAY, keepalive--> idle
//                      |      ^
//                refused      after a backoff: 200 ms, 400 ms ... 10 s
//                      v      |
//                      failing
#pragma once

#include <brontes/discovery/balancing/call_stats.hpp>
#include <brontes/discovery/channel/transport.hpp>
#include <brontes/discovery/testkit/detail/dice.hpp>
#include <brontes/discovery/testkit/detail/world_core.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace brontes::detail {

/// An attempt went out.
struct SentAttempt {
  TimePoint at;
  std::string peer;
};

/// What the connections of one caller have in common. Kept alive by them.
struct LinkSide {
  WorldCore& core;
  std::string caller;
  bool is_cut = false;  ///< from all peers
  std::vector<SentAttempt> sent = {};
};

class PeerLink final : public Connection, public std::enable_shared_from_this<PeerLink> {
 public:
  PeerLink(std::shared_ptr<LinkSide> side, ConnectionOptions options);

  void connect() override;
  void reset_backoff() override;
  std::shared_ptr<UnaryAttempt> start_unary(UnaryRequest request,
                                            std::function<void(UnaryReply)> done) override;
  bool ready() const override { return state_ == Connectivity::kReady; }

  const std::string& address() const { return options_.address; }
  const std::shared_ptr<LinkSide>& side() const { return side_; }
  /// The process at the other end died: what is in flight fails.
  void reset(const std::string& why);
  /// The process says that it will take no more calls: what is in flight goes on.
  void go_away();
  /// The way may be cut: without an answer to its pings, the connection is given up.
  void watch_keepalive();
  /// The world ends: nobody is told of anything any more.
  void drop_calls() { in_flight_.clear(); }
  void cancel(std::uint64_t number);

 private:
  struct InFlight {
    std::function<void(UnaryReply)> done;
    CallTicket ticket;
    TimePoint deadline;
    std::string label;  // "shop 12.1", for the log
  };

  bool reachable() const;
  void dial();
  void dialled(bool waited);
  void dial_failed();
  void set(Connectivity state);
  void arrived(std::uint64_t number, UnaryReply reply);
  void expire_at(std::uint64_t number, TimePoint deadline);
  void settle(std::uint64_t number, UnaryReply reply);
  /// Runs it later, if this is still there.
  void later(Duration delay, std::function<void(PeerLink&)> what);

  const std::shared_ptr<LinkSide> side_;
  WorldCore& core_;
  const ConnectionOptions options_;
  const std::string peer_;  // its name
  Dice dice_;
  Connectivity state_ = Connectivity::kIdle;
  std::uint64_t turn_ = 0;  // of dialling: what belongs to an earlier one is over
  int failures_ = 0;        // to connect, one after the other
  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, InFlight> in_flight_;
};

/// The transport of one caller.
std::shared_ptr<Transport> make_peer_transport(std::shared_ptr<LinkSide> side);

}  // namespace brontes::detail
