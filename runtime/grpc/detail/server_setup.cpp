#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/security/server_credentials.h>
#include <brontes/runtime/detail/tcp_bind.hpp>
#include <brontes/runtime/grpc/detail/server_setup.hpp>
#include <brontes/runtime/grpc/detail/server_tls.hpp>

#include <algorithm>
#include <limits>

namespace brontes::detail {
namespace {

using Plugins = std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>;

// For this server alone. Linking gRPC's reflection switches it on for every server of the process,
// so whatever is there is taken out first.
class Reflection final : public grpc::ServerBuilderOption {
 public:
  explicit Reflection(bool wanted) : wanted_(wanted) {}
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(Plugins* plugins) override {
    auto ours = std::make_unique<grpc::reflection::ProtoServerReflectionPlugin>();
    std::erase_if(*plugins, [&](const auto& plugin) { return plugin->name() == ours->name(); });
    if (wanted_) plugins->push_back(std::move(ours));
  }

 private:
  const bool wanted_;
};

template <class Number>
int to_int(Number number) {
  constexpr Number kMost = std::numeric_limits<int>::max();
  return static_cast<int>(std::min(number, kMost));
}

int to_ms(Duration duration) {
  return to_int(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

Status open_inlet(grpc::ServerBuilder& builder, const GrpcDoorOptions& options, Inlet& inlet) {
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
  if (options.tls) {
    auto made = server_credentials(*options.tls);
    if (!made) return made.error();
    credentials = *made;
  }
  if (options.address.rfind("unix:", 0) == 0) {
    builder.AddListeningPort(options.address, credentials, &inlet.port);
    return {};
  }
  inlet.acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials);
  if (options.address.empty()) return {};
  auto socket = listen_tcp(options.address);
  if (!socket) return socket.error();
  inlet.socket = std::move(*socket);
  inlet.port = local_port(inlet.socket.get());
  return {};
}

void apply(grpc::ServerBuilder& builder, const GrpcDoorOptions& options) {
  builder.SetMaxReceiveMessageSize(to_int(options.max_request_bytes));
  builder.SetMaxSendMessageSize(to_int(options.max_reply_bytes));
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             to_ms(options.handshake_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, to_ms(options.keepalive_time));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, to_ms(options.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             to_ms(options.min_client_ping));
  if (options.max_connection_age > Duration::zero())
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, to_ms(options.max_connection_age));
  // Whatever the process-wide switch says: health is ours.
  builder.SetOption(std::make_unique<grpc::HealthCheckServiceServerBuilderOption>(nullptr));
  builder.SetOption(std::make_unique<Reflection>(options.reflection));
}

}  // namespace brontes::detail
