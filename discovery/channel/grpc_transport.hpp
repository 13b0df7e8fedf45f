// Connections by gRPC: one grpc::Channel per address.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/discovery/channel/transport.hpp>
#include <memory>
#include <string>

namespace grpc {
class ChannelCredentials;
}

namespace brontes {

struct GrpcTransportOptions {
  /// After a failed attempt the next one waits this long, then longer, up to the maximum. (gRPC's
  /// own defaults, 1 s and 120 s, would hide a restarted server for two minutes.)
  Duration initial_backoff = std::chrono::milliseconds(200);
  Duration max_backoff = std::chrono::seconds(10);
  Duration connect_timeout = std::chrono::seconds(5);
  /// Pings on silent connections with calls on them. Servers that were not told otherwise close a
  /// connection that is pinged more often than every five minutes.
  Duration keepalive_time = std::chrono::seconds(330);
  /// An unanswered ping, or data that stays unacknowledged that long, ends the connection.
  Duration keepalive_timeout = std::chrono::seconds(10);
  std::shared_ptr<grpc::ChannelCredentials> credentials = {};  ///< null: plain text
  std::string server_name = {};  ///< of which certificates must be; "": the authority
};

/// `clock` is what deadlines are told by.
std::shared_ptr<Transport> make_grpc_transport(const Clock& clock,
                                               GrpcTransportOptions options = {});

/// What gRPC dials for an address: "ipv4:///10.0.0.7:80", "dns:///host:80"; targets stay as they
/// are.
std::string grpc_target(const std::string& address);

}  // namespace brontes
