// PEM files -> gRPC's server credentials.
#pragma once

#include <brontes/runtime/detail/tls_material.hpp>
#include <memory>

namespace grpc {
class ServerCredentials;
}

namespace brontes::detail {

/// kInvalidArgument as load_tls has it.
Expected<std::shared_ptr<grpc::ServerCredentials>> server_credentials(const TlsFiles& files);

}  // namespace brontes::detail
