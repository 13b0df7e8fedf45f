// One address a channel may call: its connection and what is known about it. Survives snapshots.
#pragma once

#include <atomic>
#include <brontes/discovery/balancing/call_stats.hpp>
#include <brontes/discovery/channel/transport.hpp>
#include <brontes/discovery/instance.hpp>
#include <memory>
#include <string>
#include <utility>

namespace brontes {

/// Owned by the load balancer, shared with pickers and calls. One per address; a new incarnation of
/// the process behind it keeps the connection and starts new stats. Reading is thread-safe; only
/// the load balancer changes it.
class Endpoint : public std::enable_shared_from_this<Endpoint> {
 public:
  /// `channel` is what it has in common with the other endpoints of its channel.
  explicit Endpoint(std::string address,
                    std::shared_ptr<ChannelLoad> channel = std::make_shared<ChannelLoad>())
      : address_(std::move(address)), stats_(std::make_shared<CallStats>(std::move(channel))) {}
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  const std::string& address() const { return address_; }
  const CallStats& stats() const { return *stats_; }
  Connectivity connectivity() const { return connectivity_.load(std::memory_order_relaxed); }
  /// Never null for an endpoint that a picker returned.
  Connection* connection() const { return connection_.get(); }

  // The load balancer's part.
  const std::shared_ptr<CallStats>& shared_stats() const { return stats_; }
  /// Once, before the endpoint is published.
  void adopt(std::shared_ptr<Connection> connection) { connection_ = std::move(connection); }
  void set_connectivity(Connectivity state) {
    connectivity_.store(state, std::memory_order_relaxed);
  }

 private:
  const std::string address_;
  const std::shared_ptr<CallStats> stats_;
  std::atomic<Connectivity> connectivity_{Connectivity::kIdle};
  std::shared_ptr<Connection> connection_;
};

using EndpointPtr = std::shared_ptr<Endpoint>;

/// A READY endpoint, the record it was found by, and what share of the calls it is to get.
struct Candidate {
  EndpointPtr endpoint;
  InstancePtr instance;
  /// Relative to the others. Never negative, and 0 only if it is of all: who weighs nothing is no
  /// candidate while another is.
  double weight = 100;
  /// What part of its calls it is to get while it is young, 0.1 to 1.
  double warmth = 1;
};

}  // namespace brontes
