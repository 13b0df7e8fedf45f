// The seam under a channel: what opens connections and carries calls. gRPC in production, a script
// in tests. Knows nothing of balancing, retries or registries.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace grpc {
class Channel;
}

namespace brontes {

class CallStats;

enum class Connectivity : std::uint8_t {
  kIdle,        ///< not connected and not trying: Connection::connect() starts it
  kConnecting,  ///< on its way
  kReady,       ///< calls go through
  kFailing,     ///< the last attempt failed; tries again by itself after a backoff
};
/// "idle", "connecting", "ready", "failing".
std::string_view to_string(Connectivity state);

/// What a server says of itself, by grpc.health.v1.
enum class Health : std::uint8_t {
  kServing,
  kNotServing,
  kUnsupported,  ///< it does not know grpc.health.v1; the watch is over
  kBroken,       ///< the watch is over, for whatever reason; a new one may do better
};

/// Lower-case keys; repeated keys are kept in order.
using MetadataList = std::vector<std::pair<std::string, std::string>>;

/// One attempt of a unary call.
struct UnaryRequest {
  std::string path;                         ///< "/package.Service/Method"
  std::shared_ptr<const std::string> body;  ///< the serialised request, never null
  MetadataList metadata;
  TimePoint deadline = TimePoint::max();
};

struct UnaryReply {
  Status status;
  std::string body;  ///< the serialised reply, if the status is OK
  MetadataList headers, trailers;
  /// False when no byte of the request can have reached a server: repeating it is always safe.
  bool sent = true;
};

/// An attempt on its way. Letting go of it does not cancel it.
class UnaryAttempt {
 public:
  virtual ~UnaryAttempt() = default;
  /// Idempotent, thread-safe. The attempt still ends by its callback, with CANCELLED if in time.
  virtual void cancel() = 0;
};

/// Thread-safe. May be let go while calls run on it: they go on.
class Connection {
 public:
  virtual ~Connection() = default;

  /// Leaves kIdle; no effect in any other state. Never blocks.
  virtual void connect() = 0;
  /// kFailing tries again now: there is reason to believe in a new process behind the address.
  virtual void reset_backoff() = 0;
  /// Runs `done` exactly once, on any thread, at the latest soon after the deadline.
  virtual std::shared_ptr<UnaryAttempt> start_unary(UnaryRequest request,
                                                    std::function<void(UnaryReply)> done) = 0;
  /// Whether a call would go through now. May know sooner what on_connectivity is about to tell.
  virtual bool ready() const { return true; }
  /// Asks how the service is, "" for the whole server, and hears of each change on any thread,
  /// until the result is let go of: then it is not told any more, but may be just then. Null: this
  /// connection knows no health, so the server counts as serving.
  virtual std::shared_ptr<void> watch_health(const std::string& /*service*/,
                                             std::function<void(Health)> /*told*/) {
    return nullptr;
  }
  /// For stock stubs; null where there is no gRPC below.
  virtual std::shared_ptr<grpc::Channel> grpc_channel() const { return nullptr; }
};

struct ConnectionOptions {
  std::string address =
      {};  ///< host:port, or a target of gRPC's own ("unix:/run/a", "dns:///a:80")
  std::string authority = {};  ///< what calls carry as :authority; "": the address
  /// Told of every call on the connection, from its start to its end.
  std::shared_ptr<CallStats> stats = {};
  /// Told of every change, in order, on any thread; must be short. Starts out as kIdle, untold.
  std::function<void(Connectivity)> on_connectivity = {};
};

/// Thread-safe.
class Transport {
 public:
  virtual ~Transport() = default;
  /// Never blocks and never fails: what cannot be reached is kFailing.
  virtual std::shared_ptr<Connection> open(ConnectionOptions options) = 0;
};

}  // namespace brontes
