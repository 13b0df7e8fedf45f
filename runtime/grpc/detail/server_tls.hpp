// PEM files -> gRPC's server credentials, checked before gRPC sees them: gRPC itself only logs, and
// opens a port on which every handshake fails.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/runtime/tls_files.hpp>
#include <memory>

namespace grpc {
class ServerCredentials;
}

namespace brontes::detail {

/// kInvalidArgument: "TLS key /etc/k.pem: cannot be read: Permission denied".
Expected<std::shared_ptr<grpc::ServerCredentials>> server_credentials(const TlsFiles& files);

}  // namespace brontes::detail
