// The kind of a method, in gRPC's words.
#pragma once

#include <grpcpp/impl/rpc_method.h>
#include <brontes/actors/call/method.hpp>

namespace brontes::detail {

inline grpc::internal::RpcMethod::RpcType rpc_type(Kind kind) {
  using grpc::internal::RpcMethod;
  switch (kind) {
    case Kind::kUnary:
      return RpcMethod::NORMAL_RPC;
    case Kind::kServerStream:
      return RpcMethod::SERVER_STREAMING;
    case Kind::kClientStream:
      return RpcMethod::CLIENT_STREAMING;
    case Kind::kBidi:
      return RpcMethod::BIDI_STREAMING;
  }
  return RpcMethod::NORMAL_RPC;
}

}  // namespace brontes::detail
