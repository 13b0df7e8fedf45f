// TLS of a channel: whom it believes, and who it says it is.
//
//   ChannelOptions options;
//   options.tls = ClientTls{.ca = "/etc/tls/ca.pem", .server_name = "greeter.prod"};
#pragma once

#include <brontes/actors/status.hpp>
#include <memory>
#include <string>

namespace grpc {
class ChannelCredentials;
}

namespace brontes {

/// PEM files, read once, when the channel opens.
struct ClientTls {
  std::string ca{};           ///< who signs servers; "": those whom gRPC trusts, the system's
  std::string certificate{};  ///< chain that is shown to servers that ask; "": none
  std::string key{};          ///< of the first certificate, without a pass phrase; both or none
  /// Of which the server's certificate must be; "": the authority of the channel, which is the name
  /// of the service, or for `static://` and gRPC's own targets the host that is dialled.
  std::string server_name{};
};

/// kInvalidArgument: "TLS key '/etc/k.pem': cannot be read: Permission denied".
Expected<std::shared_ptr<grpc::ChannelCredentials>> client_credentials(const ClientTls& tls);

}  // namespace brontes
