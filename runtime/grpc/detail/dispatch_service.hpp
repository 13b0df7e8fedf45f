// One proto service as gRPC knows it, answered by the rows of a method table.
#pragma once

#include <grpcpp/impl/service_type.h>
#include <brontes/actors/call/method_table.hpp>
#include <brontes/runtime/grpc/detail/door_scope.hpp>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace brontes::detail {

/// One object per proto service: gRPC lists an object as a single service, whatever its methods.
/// Outlives the server it is registered with; table and scope outlive both.
class DispatchService final : public grpc::Service {
 public:
  DispatchService(const MethodTable& table, std::string_view service, DoorScope& scope);

 private:
  std::list<std::string> paths_;  // gRPC keeps pointers to them
};

/// One for each service that has a row, but for those named.
std::vector<std::unique_ptr<DispatchService>> dispatch_services(
    const MethodTable& table, DoorScope& scope, const std::set<std::string_view>& except = {});

}  // namespace brontes::detail
