// The doors of a node and the sockets behind them, opened, drained and closed together.
#pragma once

#include <atomic>
#include <brontes/actors/call/method_table.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/gateway/http_door.hpp>
#include <brontes/runtime/grpc/grpc_door.hpp>
#include <brontes/runtime/lifecycle.hpp>
#include <brontes/runtime/listener.hpp>
#include <brontes/runtime/settings.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace brontes::detail {

struct NodeRoute {
  std::string method, path_template;
  HttpHandler handler;
};

struct DoorPlan {
  std::shared_ptr<const Published<RouteTable>> method_routes;  ///< unused in mode grpc
  std::vector<NodeRoute> routes;
  std::vector<std::shared_ptr<AdoptedService>> adopted;
  std::function<void(grpc::ServerBuilder&)> customise;
};

/// Thread-safe but for open(). The table outlives it.
class NodeDoors {
 public:
  NodeDoors(System& system, const Settings& settings, const MethodTable& table,
            std::shared_ptr<HealthState> health);
  ~NodeDoors();

  /// Binds last, so that a caller who can connect is served. Blocks for some milliseconds.
  Status open(DoorPlan plan);

  std::uint16_t port() const { return port_; }
  std::uint16_t http_port() const { return http_port_; }
  /// Of all ports that were bound; may outlive the doors.
  std::function<ConnectionCounts()> connection_counts() const;
  /// From here on connections count for limits.connections_per_address. Until then the node's own
  /// probe may connect, and does not keep out the first one who comes from its address.
  void limit_addresses() { *limits_addresses_ = true; }
  /// All services of the table, and the server as a whole.
  void set_serving(bool serving);
  /// Not serving any more, to health; HTTP clients are asked to connect anew. All is served still.
  void wind_down();

  /// No new connections, GOAWAY to those there are; calls are still served, so that one that is on
  /// its way is not lost; connections on their way are taken during `grace`. To be repeated once,
  /// for connections that were being set up.
  void go_away(Duration grace);
  /// Ends when the last connection has: calls, and HTTP requests whose body is under way, go on.
  void drain(PhaseEnd end);
  /// Whether a drain may be given up: OK when no call would be lost, though there still are
  /// connections; else kDeadlineExceeded with how many calls.
  Status lose_no_call() const;
  /// Cancels what is left and waits until nothing is. Blocks.
  Status close();
  /// Cuts all connections, without a word to anybody. Blocks shortly.
  void sever();

 private:
  Status open_http(DoorPlan& plan);
  Status open_grpc(DoorPlan& plan);
  Status bind();
  AdoptSocket grpc_taker();
  AdoptSocket http_taker();
  void shut_gate();
  std::function<bool()> spare_addresses() const;

  /// Between the listener's thread and doors that may be gone before it.
  struct Gate {
    std::mutex mutex;
    bool open = true;
  };

  System& system_;
  const Settings& settings_;
  const MethodTable& table_;
  const std::shared_ptr<HealthState> health_;
  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  const std::shared_ptr<std::atomic<bool>> limits_addresses_ =
      std::make_shared<std::atomic<bool>>(false);
  std::unique_ptr<HttpDoor> http_;
  std::unique_ptr<GrpcDoor> grpc_;
  std::optional<Listener> listener_;
  std::uint16_t port_ = 0, http_port_ = 0;
};

/// Shuts every socket of this process down whose own port is that one: listening and connected.
void shut_sockets_of(std::uint16_t port);

}  // namespace brontes::detail
