// gRPC in, method table behind: the server side of a node's gRPC traffic.
#pragma once

#include <brontes/actors/call/method_table.hpp>
#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/runtime/grpc/health_state.hpp>
#include <brontes/runtime/tls_files.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace grpc {
class ServerBuilder;
}

namespace brontes {

class AdoptedService;
struct ConnectionCounts;

struct GrpcDoorOptions {
  /// "127.0.0.1:50051", "[::1]:0", ":80" (all interfaces), "unix:/run/x". "": no port of its own,
  /// all connections come through adopt() (the shared port).
  std::string address = {};
  std::optional<TlsFiles> tls = {};  ///< of every connection; none: plain text

  std::size_t max_connections = 10'000;  ///< of its own TCP port; further ones are closed at once
  std::size_t max_per_address = 0;       ///< of these; 0: no limit
  /// While it says true, connections that come do not count for `max_per_address`. Null: they do.
  std::function<bool()> spare_addresses = {};

  std::size_t max_request_bytes = 4 << 20;  ///< larger ones: RESOURCE_EXHAUSTED
  std::size_t max_reply_bytes = 64 << 20;

  Duration handshake_timeout = std::chrono::seconds(5);   ///< of TLS and HTTP/2; then closed
  Duration keepalive_time = std::chrono::minutes(2);      ///< of silence, then the server pings
  Duration keepalive_timeout = std::chrono::seconds(20);  ///< no answer: the connection is closed
  Duration min_client_ping = std::chrono::seconds(10);    ///< more often: GOAWAY too_many_pings
  /// Connections are asked to go (GOAWAY) after about that time, so that clients that never resolve
  /// again still move to new instances. Zero: never.
  Duration max_connection_age = Duration::zero();

  bool reflection = true;                    ///< grpc.reflection.v1alpha
  std::shared_ptr<HealthState> health = {};  ///< null: no grpc.health.v1

  /// Stock services whose rows are in the table: gRPC serves them by their own handlers.
  std::vector<std::shared_ptr<AdoptedService>> adopted = {};
  /// Their sync handlers that run at once for other doors, each on a thread of its own; beyond:
  /// RESOURCE_EXHAUSTED. A ResourceQuota given to `customise` counts instead, for all doors
  /// together, and needs two threads beside those of handlers. 0: other doors are not served.
  std::size_t max_relayed_handlers = 256;

  /// The last word before the server starts: stock services, interceptors, arguments of gRPC.
  std::function<void(grpc::ServerBuilder&)> customise = {};
};

/// Serves every row of a method table over gRPC. Thread-safe.
///
///   go_away()  no new connection, GOAWAY to the others: callers leave, calls are still served
///   drain()    calls in flight go on, those that still come are reset; when there is none left,
///              connections are closed, also those whose peer does not react
///   cancel()   those still there get Event::kCancelled, their callers CANCELLED
///   wait()     until the last one is answered
///
/// The destructor does all four.
class GrpcDoor {
 public:
  /// The table outlives the door. Errors: kInvalidArgument for files or addresses that make no
  /// sense, kUnavailable for an address that cannot be bound:
  /// "listen 127.0.0.1:80: address already in use".
  static Expected<std::unique_ptr<GrpcDoor>> open(const MethodTable& table,
                                                  GrpcDoorOptions options);
  ~GrpcDoor();
  GrpcDoor(const GrpcDoor&) = delete;
  GrpcDoor& operator=(const GrpcDoor&) = delete;

  /// Of the own port, also when port 0 was asked for; 0 if there is none.
  int port() const;

  /// Of the connections of its own TCP port; null if it has none. May outlive the door.
  std::function<ConnectionCounts()> connection_counts() const;

  /// Takes a connected TCP socket and what was read from it already. False: not taken (the door
  /// drains, or has a port of its own), the descriptor is still the caller's. Takes up to 0.4 ms:
  /// not for a thread that also serves.
  bool adopt(int fd, const std::string& early_bytes);

  /// Calls begun and not yet over, without those of health and reflection.
  std::size_t calls_in_flight() const;
  /// False when nothing that a stop would lose is left. Services that `customise` added cannot be
  /// seen: with such it is true until a drain has ended.
  bool may_have_calls() const;

  /// A call that was on its way when its caller was told is still served, so wait some round trips
  /// before drain(). Repeat it for connections that were being set up. Returns at once.
  void go_away();

  /// go_away(), and then no more calls. Returns at once; idempotent. `ended` runs once, on a thread
  /// of the door, when wait() would return; the door may not be destroyed from it.
  void drain(std::function<void()> ended = {});

  /// Drains and cancels; returns at once.
  void cancel();

  /// Blocks until a drain has ended: never, if nobody called drain() or a handler never answers.
  /// Then ends what other doors still have running in adopted services.
  void wait();

 private:
  struct State;
  explicit GrpcDoor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace brontes
