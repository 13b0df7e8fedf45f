#include <brontes/runtime/grpc/detail/adopted_call.hpp>
#include <brontes/runtime/grpc/detail/guard_service.hpp>
#include <brontes/runtime/grpc/detail/rpc_type.hpp>

namespace brontes::detail {
namespace {

using grpc::internal::MethodHandler;
using grpc::internal::RpcServiceMethod;

class GuardedMethod final : public MethodHandler {
 public:
  GuardedMethod(const StockMethod& stock, const Method& row, const MethodTable& table,
                DoorScope& scope)
      : stock_(stock), row_(row), table_(table), scope_(scope) {}

  // Before the chain, though that may refuse: gRPC's own interceptors are shown what comes out.
  void* Deserialize(grpc_call* call, grpc_byte_buffer* bytes, grpc::Status* status,
                    void** data) override {
    return stock_.handler->Deserialize(call, bytes, status, data);
  }

  void RunHandler(const HandlerParameter& parameter) override {
    (new AdoptedCall(row_, table_, scope_, parameter))->serve(stock_, parameter);
  }

 private:
  const StockMethod& stock_;
  const Method& row_;
  const MethodTable& table_;
  DoorScope& scope_;
};

}  // namespace

GuardService::GuardService(const Adoption& adoption, const MethodTable& table, DoorScope& scope) {
  for (const StockMethod& stock : adoption.methods) {
    Method& row = rows_.emplace_back(
        Method{stock.path, stock.kind, stock.request, stock.reply, AdoptedCall::on_event});
    // The very one of the table's row: an interceptor may count for each method that it is asked
    // for.
    if (const Method* known = table.find(stock.path)) row.chain = known->chain;
    auto* method = new RpcServiceMethod(stock.path, rpc_type(stock.kind),
                                        new GuardedMethod(stock, row, table, scope));
    if (stock.is_callback) method->SetServerApiType(RpcServiceMethod::ApiType::CALL_BACK);
    AddMethod(method);
  }
}

}  // namespace brontes::detail
