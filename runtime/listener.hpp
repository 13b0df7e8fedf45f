// One listening socket: accepts, looks at the first bytes, hands the connection to the door that
// speaks its language. The three ways to serve are three ways to fill in the options:
//
//   gRPC only    GrpcDoor with an address, no listener
//   two ports    GrpcDoor with an address, listener with `http` only
//   shared port  GrpcDoor without an address, listener with `grpc` and `http`
#pragma once

#include <atomic>
#include <brontes/actors/caf.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace brontes {

class System;

/// Takes over a connected socket and the bytes that were read from it. True: the descriptor is the
/// taker's. False: it is still the caller's, who closes it. Runs on the listener's own thread.
using AdoptSocket = std::function<bool(int fd, std::string early_bytes)>;

/// What has come so far, and what is there. Read any time from any thread.
struct ConnectionCounts {
  std::uint64_t accepted = 0;
  std::uint64_t grpc = 0;       ///< handed to the gRPC door
  std::uint64_t http = 0;       ///< handed to the HTTP door
  std::uint64_t refused = 0;    ///< over a limit
  std::uint64_t crowding = 0;   ///< of these: over the limit of its address
  std::uint64_t timed_out = 0;  ///< said too little in `patience`
  /// Plain text where TLS is spoken or the other way round, h2 that is no gRPC, damage, or nobody
  /// there who would take it.
  std::uint64_t unwanted = 0;
  std::size_t open = 0;  ///< now, those handed over included
};

struct ListenerOptions {
  std::string address = {};  ///< "127.0.0.1:80", "[::1]:0", ":80" (all interfaces)
  AdoptSocket grpc = {};     ///< null: nobody speaks gRPC here
  AdoptSocket http = {};     ///< null: nobody speaks HTTP here
  /// The takers speak TLS: who it is for is told by what the client offers (ALPN). Plain text is
  /// closed. False: TLS is.
  bool tls = false;
  /// Handed over or not yet. Beyond it, connections are closed as soon as they are accepted.
  std::size_t max_connections = 10'000;
  /// Of one IP address, in the same way; IPv4 is the same within IPv6. 0: no limit.
  std::size_t max_per_address = 0;
  /// While it says true, connections that come do not count for `max_per_address`. Null: they do.
  std::function<bool()> spare_addresses = {};
  Duration patience = std::chrono::seconds(5);  ///< for the first bytes that tell who speaks
  /// For the first request on HTTP/2. Whoever connects ahead of need is taken for gRPC.
  Duration http2_patience = std::chrono::seconds(1);
};

/// No new connections. Those on their way (being set up, or silent so far) may still be handed over
/// during `grace`; then they are closed. Connections that were handed over are their doors'.
struct StopListening {
  Duration grace = Duration::zero();
};
/// From here on neither `grpc` nor `http` is called; both are released.
struct ListeningStopped {};
/// From the listener's own thread to itself.
struct AcceptLoopEnded {};
/// Asks for the counts.
struct CountConnections {};

}  // namespace brontes

BRONTES_MESSAGE(brontes::StopListening)
BRONTES_MESSAGE(brontes::ListeningStopped)
BRONTES_MESSAGE(brontes::AcceptLoopEnded)
BRONTES_MESSAGE(brontes::CountConnections)
BRONTES_MESSAGE(brontes::ConnectionCounts)

namespace brontes {

using ListenerActor = Interface<ListeningStopped(StopListening),     // when it has; idempotent
                                ConnectionCounts(CountConnections),  // at once
                                void(AcceptLoopEnded)>;

struct Listener {
  ListenerActor actor;  ///< lives until stop(actor), which implies StopListening
  std::uint16_t port = 0;
  /// The same as CountConnections, for those who cannot wait for a mailbox.
  std::function<ConnectionCounts()> counts;
};

/// Binds now; accepts from the moment it returns. kUnavailable: "listen 127.0.0.1:80: address
/// already in use"; kInvalidArgument for an address that makes no sense.
Expected<Listener> listen(System& system, ListenerOptions options);

}  // namespace brontes
