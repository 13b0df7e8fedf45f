#include <grpcpp/channel.h>
#include <grpcpp/create_channel_posix.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server_posix.h>
#include <grpcpp/support/channel_arguments.h>
#include <grpcpp/support/server_interceptor.h>
#include <sys/socket.h>
#include <brontes/runtime/grpc/detail/adopted_services.hpp>
#include <brontes/runtime/grpc/detail/grpc_privates.hpp>
#include <brontes/runtime/grpc/detail/server_setup.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <string>
#include <system_error>

namespace brontes::detail {
namespace {

namespace stock = grpc::experimental;

constexpr int kMaxMetadata = 1 << 20;  // doors have their own limits

// The interceptors of one server for another one.
class SameInterceptors final : public stock::ServerInterceptorFactoryInterface {
 public:
  explicit SameInterceptors(stock::ServerInterceptorFactoryInterface& other) : other_(other) {}
  stock::Interceptor* CreateServerInterceptor(stock::ServerRpcInfo* info) override {
    return other_.CreateServerInterceptor(info);
  }

 private:
  stock::ServerInterceptorFactoryInterface& other_;
};

void take_interceptors(const grpc::Server& from, grpc::ServerBuilder& builder) {
  StockFactories same;
  for (const auto& factory : interceptors_of(from))
    same.push_back(std::make_unique<SameInterceptors>(*factory));
  builder.experimental().SetInterceptorCreators(std::move(same));
}

// The door that the call came through has its own limits.
GrpcDoorOptions without_limits() {
  GrpcDoorOptions options;
  options.max_request_bytes = options.max_reply_bytes = std::numeric_limits<std::size_t>::max();
  options.reflection = false;
  return options;
}

// gRPC runs no handler on the last thread of a quota: that one waits for calls.
void bound_threads(const RelayThreads& threads, grpc::ServerBuilder& builder) {
  if (threads.quota) return share_quota(threads.quota, builder);
  grpc::ResourceQuota own("adopted");
  constexpr std::size_t kMost = std::numeric_limits<int>::max() - 1;
  own.SetMaxThreads(static_cast<int>(std::min(threads.max_handlers, kMost)) + 1);
  builder.SetResourceQuota(own);
}

// Not gRPC's in-process transport: in 1.51 it drops a reply that is sent together with the status
// while nobody reads, and then reports OK.
Expected<std::shared_ptr<grpc::Channel>> channel_to(grpc::Server& server) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return fail(Errc::kUnavailable, "serve adopted services: make a pair of sockets: " +
                                        std::generic_category().message(errno));
  grpc::AddInsecureChannelFromFd(&server, ends[0]);
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadata);
  return grpc::CreateCustomInsecureChannelFromFd("adopted", ends[1], arguments);
}

}  // namespace

Status AdoptedServices::add(const MethodTable& table, const Adopted& adopted, DoorScope& scope) {
  for (const auto& service : adopted) {
    for (const Method& row : service->rows()) {
      if (!table.find(row.path))
        return {Errc::kFailedPrecondition,
                "serve adopted " + std::string(row.path) + ": it is not in the method table"};
      names_.insert(row.service());
    }
    guards_.push_back(std::make_unique<GuardService>(service->adoption(), table, scope));
  }
  adopted_ = adopted;
  return {};
}

void AdoptedServices::register_with(grpc::ServerBuilder& builder) const {
  for (const auto& guard : guards_) builder.RegisterService(guard.get());
}

Expected<std::unique_ptr<BackServer>> BackServer::open(const Adopted& adopted, const Clock& clock,
                                                       const grpc::Server& front,
                                                       const RelayThreads& threads) {
  std::unique_ptr<BackServer> back(new BackServer(adopted, clock));
  grpc::ServerBuilder builder;
  apply(builder, without_limits());
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadata);
  take_interceptors(front, builder);
  bound_threads(threads, builder);
  for (const auto& guard : back->guards_) builder.RegisterService(guard.get());
  back->server_ = builder.BuildAndStart();
  if (!back->server_)
    return fail(Errc::kInternal, "serve adopted services: gRPC refused; its own log says why");
  auto channel = channel_to(*back->server_);
  if (!channel) return fail(channel.error());
  back->channel_ = std::move(*channel);
  for (const auto& service : adopted) service->adoption().line->connect(back->channel_);
  return back;
}

BackServer::BackServer(const Adopted& adopted, const Clock& clock)
    : adopted_(adopted), table_(clock) {
  for (const auto& service : adopted_)
    guards_.push_back(std::make_unique<GuardService>(service->adoption(), table_, scope_));
}

BackServer::~BackServer() { end(); }

void BackServer::end() {
  std::call_once(ended_, [this] {
    for (const auto& service : adopted_) service->adoption().line->disconnect();
    if (!server_) return;
    server_->Shutdown(system_clock().wall());
    server_->Wait();
    for (const auto& service : adopted_) service->adoption().line->run_out();
  });
}

}  // namespace brontes::detail
