#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpcpp/support/slice.h>
#include <brontes/runtime/grpc/detail/adopted_call.hpp>
#include <brontes/runtime/grpc/detail/grpc_status.hpp>
#include <brontes/runtime/grpc/detail/guard_service.hpp>
#include <brontes/runtime/grpc/detail/rpc_type.hpp>
#include <brontes/runtime/grpc/detail/wire.hpp>

#include <string>

namespace brontes::detail {
namespace {

using grpc::internal::MethodHandler;
using grpc::internal::RpcServiceMethod;

// Of a request: parsing takes the bytes, and of those that nest too deep more is told than that.
class KeptBytes {
 public:
  explicit KeptBytes(grpc_byte_buffer* bytes)
      : bytes_(bytes && grpc_byte_buffer_length(bytes) >= least_deep_bytes()
                   ? grpc_byte_buffer_copy(bytes)  // of the references to them
                   : nullptr) {}
  ~KeptBytes() {
    if (bytes_) grpc_byte_buffer_destroy(bytes_);
  }
  KeptBytes(const KeptBytes&) = delete;
  KeptBytes& operator=(const KeptBytes&) = delete;

  /// "" if they are too few to nest too deep.
  std::string text() const {
    grpc_byte_buffer_reader reader;
    if (!bytes_ || grpc_byte_buffer_reader_init(&reader, bytes_) == 0) return {};
    const grpc::Slice all(grpc_byte_buffer_reader_readall(&reader), grpc::Slice::STEAL_REF);
    grpc_byte_buffer_reader_destroy(&reader);
    return {reinterpret_cast<const char*>(all.begin()), all.size()};
  }

 private:
  grpc_byte_buffer* const bytes_;
};

class GuardedMethod final : public MethodHandler {
 public:
  GuardedMethod(const StockMethod& stock, const Method& row, const MethodTable& table,
                DoorScope& scope)
      : stock_(stock), row_(row), table_(table), scope_(scope) {}

  // Before the chain, though that may refuse: gRPC's own interceptors are shown what comes out.
  void* Deserialize(grpc_call* call, grpc_byte_buffer* bytes, grpc::Status* status,
                    void** data) override {
    const KeptBytes kept(bytes);
    void* request = stock_.handler->Deserialize(call, bytes, status, data);
    if (!status->ok()) *status = to_grpc(no_request(kept.text(), *stock_.request));
    return request;
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
