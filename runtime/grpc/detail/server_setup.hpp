// Options of the door -> settings of a grpc::ServerBuilder.
#pragma once

#include <grpcpp/server_builder.h>
#include <brontes/runtime/detail/tcp_bind.hpp>
#include <brontes/runtime/grpc/grpc_door.hpp>
#include <memory>

namespace brontes::detail {

using Acceptor = grpc::experimental::ExternalConnectionAcceptor;

/// Where connections come from. Those of TCP are always accepted by us, never by gRPC, which would
/// go on accepting after it has sent its callers away.
struct Inlet {
  int port = 0;                        ///< of `socket`, or filled by gRPC when the server starts
  std::unique_ptr<Acceptor> acceptor;  ///< null: gRPC listens itself, on a unix socket
  UniqueFd socket;                     ///< listens; none if there is no port of our own
};

/// kInvalidArgument, kUnavailable: what cannot be opened, before gRPC tries.
Status open_inlet(grpc::ServerBuilder& builder, const GrpcDoorOptions& options, Inlet& inlet);

/// Sizes, keepalive, reflection.
void apply(grpc::ServerBuilder& builder, const GrpcDoorOptions& options);

}  // namespace brontes::detail
