// One address a channel may call: its connection and what is known about it. Survives snapshots.
#pragma once

#include <atomic>
#include <brontes/discovery/balancing/call_counts.hpp>
#include <brontes/discovery/channel/transport.hpp>
#include <brontes/discovery/instance.hpp>
#include <memory>
#include <string>
#include <utility>

namespace brontes {

/// Owned by the load balancer, shared with pickers and calls. One per address; a new incarnation of
/// the process behind it keeps the connection and starts new counts. Reading is thread-safe; only
/// the load balancer changes it.
class Endpoint : public std::enable_shared_from_this<Endpoint> {
 public:
  explicit Endpoint(std::string address) : address_(std::move(address)) {}
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  const std::string& address() const { return address_; }
  const CallCounts& counts() const { return *counts_; }
  Connectivity connectivity() const { return connectivity_.load(std::memory_order_relaxed); }
  /// Never null for an endpoint that a picker returned.
  Connection* connection() const { return connection_.get(); }

  // The load balancer's part.
  const std::shared_ptr<CallCounts>& shared_counts() const { return counts_; }
  /// Once, before the endpoint is published.
  void adopt(std::shared_ptr<Connection> connection) { connection_ = std::move(connection); }
  void set_connectivity(Connectivity state) {
    connectivity_.store(state, std::memory_order_relaxed);
  }

 private:
  const std::string address_;
  const std::shared_ptr<CallCounts> counts_ = std::make_shared<CallCounts>();
  std::atomic<Connectivity> connectivity_{Connectivity::kIdle};
  std::shared_ptr<Connection> connection_;
};

using EndpointPtr = std::shared_ptr<Endpoint>;

/// A READY endpoint and the record it was found by.
struct Candidate {
  EndpointPtr endpoint;
  InstancePtr instance;
};

}  // namespace brontes
