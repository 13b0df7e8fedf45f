#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <brontes/runtime/grpc/detail/dispatch_service.hpp>
#include <brontes/runtime/grpc/detail/grpc_call.hpp>
#include <brontes/runtime/grpc/detail/rpc_type.hpp>
#include <set>

namespace brontes::detail {
namespace {

using Context = grpc::CallbackServerContext;

// Calls delete themselves when the door and the last handle have let go.
grpc::internal::MethodHandler* make_handler(const Method& method, const MethodTable& table,
                                            DoorScope& scope) {
  using namespace grpc::internal;
  const auto arrival = [&method, &table, &scope](Context* context, const Wire* in, Wire* out) {
    return Arrival{method, table, scope, context, in, out};
  };
  switch (method.kind) {
    case Kind::kUnary:
      return new CallbackUnaryHandler<Wire, Wire>(
          [arrival](Context* context, const Wire* in, Wire* out) {
            return (new UnaryCall(arrival(context, in, out)))->run();
          });
    case Kind::kServerStream:
      return new CallbackServerStreamingHandler<Wire, Wire>(
          [arrival](Context* context, const Wire* in) {
            return (new ServerStreamCall(arrival(context, in, nullptr)))->run();
          });
    case Kind::kClientStream:
      return new CallbackClientStreamingHandler<Wire, Wire>([arrival](Context* context, Wire* out) {
        return (new ClientStreamCall(arrival(context, nullptr, out)))->run();
      });
    case Kind::kBidi:
      return new CallbackBidiHandler<Wire, Wire>([arrival](Context* context) {
        return (new BidiCall(arrival(context, nullptr, nullptr)))->run();
      });
  }
  return nullptr;
}

}  // namespace

DispatchService::DispatchService(const MethodTable& table, std::string_view service,
                                 DoorScope& scope) {
  int index = 0;
  for (const auto& [path, method] : table.rows()) {
    if (method.service() != service) continue;
    const char* name = paths_.emplace_back(path).c_str();
    AddMethod(new grpc::internal::RpcServiceMethod(name, rpc_type(method.kind), nullptr));
    MarkMethodCallback(index++, make_handler(method, table, scope));
  }
}

std::vector<std::unique_ptr<DispatchService>> dispatch_services(
    const MethodTable& table, DoorScope& scope, const std::set<std::string_view>& except) {
  std::set<std::string_view> names;
  for (const auto& [path, method] : table.rows())
    if (!except.contains(method.service())) names.insert(method.service());
  std::vector<std::unique_ptr<DispatchService>> services;
  for (const auto name : names)
    services.push_back(std::make_unique<DispatchService>(table, name, scope));
  return services;
}

}  // namespace brontes::detail
