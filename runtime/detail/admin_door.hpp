// The pages for those who run the node: on a port of their own, loopback unless told otherwise.
#pragma once

#include <brontes/actors/call/method_table.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/gateway/http_door.hpp>
#include <brontes/runtime/grpc/health_state.hpp>
#include <brontes/runtime/observability/metrics_collector.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace brontes::detail {

struct AdminPages {
  std::shared_ptr<MetricsCollector> collector;
  std::shared_ptr<const HealthState> health;
  std::function<std::string()> stage;  ///< "starting"; any thread
};

/// /metrics, /livez, /readyz, /healthz. One thread of its own, which may wait for an actor for a
/// second; nobody else does. Not thread-safe, but for port().
class AdminDoor {
 public:
  explicit AdminDoor(AdminPages pages);

  /// kUnavailable: the port is in use.
  Status open(const std::string& address);
  std::uint16_t port() const { return port_; }
  /// Cuts what is under way. Idempotent; returns when its thread has ended.
  void close() { door_.stop(); }

 private:
  const MethodTable no_methods_;
  HttpDoor door_;
  Status routed_;
  std::uint16_t port_ = 0;
};

}  // namespace brontes::detail
