// An adopted service as gRPC knows it: the same methods, each behind the chain.
#pragma once

#include <grpcpp/impl/service_type.h>
#include <brontes/actors/call/method_table.hpp>
#include <brontes/runtime/grpc/detail/adoption.hpp>
#include <brontes/runtime/grpc/detail/door_scope.hpp>

#include <list>

namespace brontes::detail {

/// For one server, which it outlives; adoption, table and scope outlive it. Of the table only the
/// clock is used, and the chain of each method that it has.
class GuardService final : public grpc::Service {
 public:
  GuardService(const Adoption& adoption, const MethodTable& table, DoorScope& scope);

 private:
  std::list<Method> rows_;  // calls keep pointers to them
};

}  // namespace brontes::detail
