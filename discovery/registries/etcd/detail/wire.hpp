// The way to the members of an etcd cluster: bytes to a path, bytes back. Everything that speaks
// gRPC is behind it (grpc_wire.cpp); tests script it.
#pragma once

#include <brontes/actors/caf.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/discovery/registries/etcd/etcd_registry.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace brontes::etcd {

inline constexpr const char* kRange = "/etcdserverpb.KV/Range";
inline constexpr const char* kTxn = "/etcdserverpb.KV/Txn";
inline constexpr const char* kLeaseGrant = "/etcdserverpb.Lease/LeaseGrant";
/// A stream to etcd. One message and half a close makes a call of it, which is free to go to
/// another member when this one thinks for too long.
inline constexpr const char* kLeaseKeepAlive = "/etcdserverpb.Lease/LeaseKeepAlive";
inline constexpr const char* kLeaseRevoke = "/etcdserverpb.Lease/LeaseRevoke";
inline constexpr const char* kWatch = "/etcdserverpb.Watch/Watch";
inline constexpr const char* kAuthenticate = "/etcdserverpb.Auth/Authenticate";

/// What came back: the answer of a call, a message of a stream, the end of either.
struct Heard {
  std::uint64_t exchange = 0;
  Status status;     ///< of an answer or an end
  std::string body;  ///< a serialised message; empty at the end of a stream
  bool last = true;  ///< false: a stream goes on
};
/// Told on any thread, one thing at a time per exchange; must not block.
using Ear = std::function<void(const Heard&)>;

/// A call or a stream that is under way. Confined to one thread at a time. Letting go of it breaks
/// it off: the ear neither runs nor will run.
class Exchange {
 public:
  virtual ~Exchange() = default;
  /// One more message on a stream.
  virtual void send(std::string message) = 0;
  /// A stream hears its next message only when asked to: what nobody has dealt with yet stays in
  /// the connection, where flow control bounds it. To be called once after each message.
  virtual void listen() = 0;
};

struct Request {
  std::uint64_t exchange = 0;  ///< comes back in Heard
  const char* path = "";
  std::string body;
  std::string token = {};  ///< of Authenticate; "": none
  /// Over the connection for long answers, so that watches and leases do not wait behind them.
  bool bulk = false;
};

class Wire {
 public:
  virtual ~Wire() = default;
  /// Heard once. Connects if there is no connection; does not try again.
  virtual std::unique_ptr<Exchange> call(std::size_t member, Request request, Ear ear) = 0;
  /// Sends the request's body as first message and listens for the first answer.
  virtual std::unique_ptr<Exchange> open_stream(std::size_t member, Request request, Ear ear) = 0;
  /// The connection is no good: what comes next makes a new one, at once. So the pauses between
  /// attempts are our own, in the actor's time.
  virtual void reconnect(std::size_t member) = 0;
};

std::shared_ptr<Wire> make_grpc_wire(const EtcdOptions& options);

/// For tests: over a wire of theirs.
Registry spawn_registry(System& system, EtcdOptions options, std::shared_ptr<Wire> wire);

}  // namespace brontes::etcd

BRONTES_MESSAGE(brontes::etcd::Heard)
