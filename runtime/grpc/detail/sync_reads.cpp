#include <grpcpp/support/server_interceptor.h>
#include <brontes/runtime/grpc/detail/grpc_privates.hpp>
#include <brontes/runtime/grpc/detail/rpc_type.hpp>
#include <brontes/runtime/grpc/detail/sync_reads.hpp>

namespace brontes::detail {
namespace {

namespace stock = grpc::experimental;

// Outlives the watch: it is told of the end of the call, too.
class Doorkeeper final : public stock::Interceptor {
 public:
  explicit Doorkeeper(ReadWatch& watch) : watch_(watch) {}

  void Intercept(stock::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(stock::InterceptionHookPoints::POST_RECV_MESSAGE)) {
      const auto* request = static_cast<const Message*>(methods->GetRecvMessage());
      if (request && !watch_.lets_in(*request)) deny_message(*methods);
    }
    methods->Proceed();
  }

 private:
  ReadWatch& watch_;
};

class Doorkeepers final : public stock::ServerInterceptorFactoryInterface {
 public:
  explicit Doorkeepers(ReadWatch& watch) : watch_(watch) {}
  stock::Interceptor* CreateServerInterceptor(stock::ServerRpcInfo*) override {
    return new Doorkeeper(watch_);
  }

 private:
  ReadWatch& watch_;
};

}  // namespace

stock::ServerRpcInfo* watch_reads(const grpc::internal::MethodHandler::HandlerParameter& parameter,
                                  const Method& method, ReadWatch& watch) {
  if (stock::ServerRpcInfo* others = parameter.call->server_rpc_info()) {
    // The first one is the nearest to the handler, for what comes and for what leaves.
    auto& chain = others->*private_member(InterceptorsOfCall{});
    chain.insert(chain.begin(), std::make_unique<Doorkeeper>(watch));
    return others;
  }
  StockFactories factories;
  factories.push_back(std::make_unique<Doorkeepers>(watch));
  return (parameter.server_context->*private_member(MakeInterceptors{}))(
      method.path.data(), rpc_type(method.kind), factories);
}

}  // namespace brontes::detail
