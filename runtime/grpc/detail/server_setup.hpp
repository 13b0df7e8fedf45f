// Options of the door -> settings of a grpc::ServerBuilder.
#pragma once

#include <grpcpp/server_builder.h>
#include <brontes/runtime/grpc/grpc_door.hpp>
#include <memory>

namespace brontes::detail {

using Acceptor = grpc::experimental::ExternalConnectionAcceptor;

/// Where connections come from: fills `port` when the server starts, or `acceptor`.
struct Inlet {
  int port = 0;
  std::unique_ptr<Acceptor> acceptor;
};

/// kInvalidArgument, kUnavailable: what cannot be opened, before gRPC tries.
Status open_inlet(grpc::ServerBuilder& builder, const GrpcDoorOptions& options, Inlet& inlet);

/// Sizes, keepalive, reflection.
void apply(grpc::ServerBuilder& builder, const GrpcDoorOptions& options);

}  // namespace brontes::detail
