#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <brontes/runtime/grpc/adopted_service.hpp>
#include <brontes/runtime/grpc/detail/adoption.hpp>
#include <brontes/runtime/grpc/detail/grpc_privates.hpp>
#include <brontes/runtime/grpc/detail/reaction_guard.hpp>
#include <brontes/runtime/grpc/detail/rpc_type.hpp>

#include <algorithm>
#include <utility>

namespace brontes {
namespace {

using google::protobuf::MethodDescriptor;
using grpc::internal::RpcServiceMethod;
using Api = RpcServiceMethod::ApiType;

tl::unexpected<Status> refuse(const std::string& what, const std::string& why) {
  return fail(Errc::kInvalidArgument, "adopt " + what + ": " + why);
}

Kind kind_of(const MethodDescriptor& method) {
  if (method.client_streaming())
    return method.server_streaming() ? Kind::kBidi : Kind::kClientStream;
  return method.server_streaming() ? Kind::kServerStream : Kind::kUnary;
}

/// "/package.Service/Method" -> "package.Service.Method"
std::string full_name(std::string path) {
  path.erase(0, 1);
  std::replace(path.begin(), path.end(), '/', '.');
  return path;
}

Expected<detail::StockMethod> examine(const RpcServiceMethod& method) {
  const std::string path = method.name();
  if (!method.handler())
    return refuse(path, "a completion queue serves it; derive from Service or CallbackService");
  const bool is_callback = method.api_type() == Api::CALL_BACK;
  if (!is_callback && method.api_type() != Api::SYNC)
    return refuse(path, "it is raw; only methods with messages can be adopted");
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(full_name(path));
  if (!descriptor)
    return refuse(path, "its descriptor is not linked; link the code generated from its .proto");
  const Kind kind = kind_of(*descriptor);
  if (detail::rpc_type(kind) != method.method_type())
    return refuse(path, "it is of another kind than its descriptor says (streamed unary?)");
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  const Message* request = factory->GetPrototype(descriptor->input_type());
  const Message* reply = factory->GetPrototype(descriptor->output_type());
  if (!request || !reply)
    return refuse(path, "its messages are not linked; link the code generated from their .proto");
  return detail::StockMethod{method.name(), kind, request, reply, is_callback, method.handler()};
}

Status fill(detail::Adoption& adoption) {
  for (const auto& known : detail::methods_of(*adoption.service)) {
    if (!known)
      return {Errc::kInvalidArgument, "adopt a service: one of its methods is marked generic"};
    auto method = examine(*known);
    if (!method) return method.error();
    method->path = adoption.paths.emplace_back(method->path).c_str();
    if (method->is_callback) detail::guard_reactions(*method->handler, method->kind);
    adoption.methods.push_back(*method);
    adoption.rows.push_back({method->path, method->kind, method->request, method->reply,
                             detail::relay_handler(adoption.line)});
  }
  if (adoption.methods.empty())
    return {Errc::kInvalidArgument, "adopt a service: it has no methods"};
  return {};
}

}  // namespace

Expected<std::shared_ptr<AdoptedService>> AdoptedService::adopt(
    std::shared_ptr<grpc::Service> service) {
  if (!service) return fail(Errc::kInvalidArgument, "adopt a service: there is none (null)");
  auto adoption = std::make_unique<detail::Adoption>();
  adoption->service = std::move(service);
  if (Status filled = fill(*adoption); !filled.ok()) return fail(std::move(filled));
  return std::shared_ptr<AdoptedService>(new AdoptedService(std::move(adoption)));
}

AdoptedService::AdoptedService(std::unique_ptr<detail::Adoption> adoption)
    : adoption_(std::move(adoption)) {}

AdoptedService::~AdoptedService() = default;

const std::vector<Method>& AdoptedService::rows() const { return adoption_->rows; }

}  // namespace brontes
