// The HTTP routes of a node's methods and the actor that owns them.
#pragma once

#include <brontes/actors/call/method_table.hpp>
#include <brontes/gateway/transcoder.hpp>
#include <brontes/runtime/lifecycle.hpp>
#include <memory>

namespace brontes::detail {

/// The table outlives it. Not thread-safe, but for published().
class NodeRoutes {
 public:
  NodeRoutes(System& system, const MethodTable& table, RouteOptions options);
  /// Stops the actor; what was published stays.
  ~NodeRoutes();
  NodeRoutes(const NodeRoutes&) = delete;
  NodeRoutes& operator=(const NodeRoutes&) = delete;

  /// Ends when the routes of every service of the table are published. Does not block. Rules that
  /// cannot be routes are left out and logged; that is no failure.
  void publish(PhaseEnd end);

  /// What the HTTP door reads.
  std::shared_ptr<const Published<RouteTable>> published() const { return routes_; }

 private:
  System& system_;
  const MethodTable& table_;
  const PublishedRoutes routes_;
  const Transcoder transcoder_;
};

}  // namespace brontes::detail
