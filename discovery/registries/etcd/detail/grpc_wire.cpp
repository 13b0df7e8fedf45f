// The wire over gRPC: one channel per member for watches, leases and writes, another one for lists.
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <array>
#include <brontes/discovery/channel/detail/connectivity_monitor.hpp>
#include <brontes/discovery/channel/grpc_log.hpp>
#include <brontes/discovery/channel/grpc_transport.hpp>
#include <brontes/discovery/registries/etcd/detail/grpc_exchange.hpp>
#include <vector>

namespace brontes::etcd {
namespace {

grpc::ChannelArguments arguments() {
  grpc::ChannelArguments arguments;
  // A list of many records, or a watch that catches up, is longer than gRPC's 4 MiB.
  arguments.SetMaxReceiveMessageSize(-1);
  // A peer that is gone without a word is noticed after 13 s. Without the third one, pings end
  // after two on a watch that is silent.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 3'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // Whatever its name says: the time that one attempt to connect is given.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 3'000);
  // Else channels of one address share a connection, and a new one shares its failures.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

std::shared_ptr<grpc::ChannelCredentials> credentials(const EtcdOptions& options) {
  if (!options.tls) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = options.ca;
  tls.pem_cert_chain = options.certificate;
  tls.pem_private_key = options.key;
  return grpc::SslCredentials(tls);
}

class GrpcWire final : public Wire {
 public:
  explicit GrpcWire(const EtcdOptions& options) : credentials_(credentials(options)) {
    for (const std::string& member : options.members) targets_.push_back(grpc_target(member));
    lines_.resize(targets_.size());
    ConnectivityMonitor::process().keep_callback_threads();
  }

  std::unique_ptr<Exchange> call(std::size_t member, Request request, Ear ear) override {
    return start_call(line(member, request.bulk), std::move(request), std::move(ear));
  }
  std::unique_ptr<Exchange> open_stream(std::size_t member, Request request, Ear ear) override {
    return start_stream(line(member, request.bulk), std::move(request), std::move(ear));
  }
  void reconnect(std::size_t member) override { lines_[member] = {}; }

 private:
  const std::shared_ptr<grpc::Channel>& line(std::size_t member, bool bulk) {
    auto& channel = lines_[member][bulk ? 1 : 0];
    route_grpc_log();
    if (!channel) channel = grpc::CreateCustomChannel(targets_[member], credentials_, arguments());
    return channel;
  }

  const std::shared_ptr<grpc::ChannelCredentials> credentials_;
  std::vector<std::string> targets_;
  std::vector<std::array<std::shared_ptr<grpc::Channel>, 2>> lines_;  // by member
};

}  // namespace

std::shared_ptr<Wire> make_grpc_wire(const EtcdOptions& options) {
  return std::make_shared<GrpcWire>(options);
}

}  // namespace brontes::etcd
