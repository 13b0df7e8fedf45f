// What a sync handler reads from a stream: its Read() is a class of gRPC's that cannot be replaced,
// and one of gRPC's own interceptors is the only one who is told between message and handler.
#pragma once

#include <grpcpp/impl/rpc_service_method.h>
#include <brontes/actors/call/method.hpp>

namespace brontes::detail {

/// Outlives the handler. Thread-safe.
class ReadWatch {
 public:
  /// On the thread that reads. False: Read() is to return false.
  virtual bool lets_in(const Message& request) = 0;

 protected:
  ~ReadWatch() = default;
};

/// Before the handler of a sync client stream or bidi method runs. Stands behind the interceptors
/// that the server has, if any. With what is returned (owned by the context of the call) the
/// handler's grpc::internal::Call is to be made.
grpc::experimental::ServerRpcInfo* watch_reads(
    const grpc::internal::MethodHandler::HandlerParameter& parameter, const Method& method,
    ReadWatch& watch);

}  // namespace brontes::detail
