// What is known of an adopted service.
#pragma once

#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/impl/service_type.h>
#include <brontes/actors/call/method.hpp>
#include <brontes/runtime/grpc/detail/relay.hpp>

#include <list>
#include <memory>
#include <string>
#include <vector>

namespace brontes::detail {

struct StockMethod {
  const char* path;  ///< lives as long as the adoption
  Kind kind;
  const Message *request, *reply;
  bool is_callback;
  grpc::internal::MethodHandler* handler;  ///< of the service
};

struct Adoption {
  std::shared_ptr<grpc::Service> service;
  std::list<std::string> paths;
  std::vector<StockMethod> methods;
  std::shared_ptr<RelayLine> line = std::make_shared<RelayLine>();
  std::vector<Method> rows;  ///< their handlers relay
};

}  // namespace brontes::detail
