#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/client_interceptor.h>

#include <arpa/inet.h>
#include <brontes/discovery/balancing/call_stats.hpp>
#include <brontes/discovery/balancing/load_report.hpp>
#include <brontes/discovery/channel/detail/connectivity_monitor.hpp>
#include <brontes/discovery/channel/detail/health_stream.hpp>
#include <brontes/discovery/channel/grpc_log.hpp>
#include <brontes/discovery/channel/grpc_transport.hpp>
#include <cstring>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace brontes {
namespace {

namespace exp = grpc::experimental;

// Counts every call on the channel, of stock stubs too.
class Counting final : public exp::Interceptor {
 public:
  Counting(const std::shared_ptr<CallStats>& stats, bool timed)
      : stats_(stats), ticket_(stats_->begin(timed)) {
    ConnectivityMonitor::process().note_call();
  }
  ~Counting() override {
    if (!ended_) stats_->abandon(ticket_);
  }
  void Intercept(exp::InterceptorBatchMethods* batch) override {
    if (!ended_ &&
        batch->QueryInterceptionHookPoint(exp::InterceptionHookPoints::POST_RECV_STATUS)) {
      ended_ = true;
      const auto& trailers = *batch->GetRecvTrailingMetadata();
      if (const auto at = trailers.find(kLoadReportTrailer); at != trailers.end())
        if (const auto report = read_load_report({at->second.data(), at->second.size()}))
          stats_->report(static_cast<float>(report->cpu));
      stats_->end(ticket_, static_cast<Errc>(batch->GetRecvStatus()->error_code()));
    }
    batch->Proceed();
  }

 private:
  std::shared_ptr<CallStats> stats_;
  CallTicket ticket_;
  bool ended_ = false;
};

class CountingFactory final : public exp::ClientInterceptorFactoryInterface {
 public:
  explicit CountingFactory(std::shared_ptr<CallStats> stats) : stats_(std::move(stats)) {}
  exp::Interceptor* CreateClientInterceptor(exp::ClientRpcInfo* call) override {
    if (std::string_view(call->method()) == kHealthWatch) return nullptr;  // is nobody's call
    return new Counting(stats_, call->type() == exp::ClientRpcInfo::Type::UNARY);
  }

 private:
  std::shared_ptr<CallStats> stats_;
};

MetadataList metadata_list(const std::multimap<grpc::string_ref, grpc::string_ref>& from) {
  MetadataList list;
  for (const auto& [key, value] : from)
    list.emplace_back(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
  return list;
}

// The bytes stay where they are: the slice holds a share of the string.
grpc::ByteBuffer byte_buffer(std::shared_ptr<const std::string> body) {
  auto* const share = new std::shared_ptr<const std::string>(std::move(body));
  const grpc::Slice slice(
      const_cast<char*>((*share)->data()), (*share)->size(),
      [](void* held) { delete static_cast<std::shared_ptr<const std::string>*>(held); }, share);
  return grpc::ByteBuffer(&slice, 1);
}

std::string text(const grpc::ByteBuffer& buffer) {
  grpc::Slice slice;
  if (!buffer.TrySingleSlice(&slice).ok() && !buffer.DumpToSingleSlice(&slice).ok()) return {};
  return std::string(reinterpret_cast<const char*>(slice.begin()), slice.size());
}

class GrpcAttempt final : public UnaryAttempt, public std::enable_shared_from_this<GrpcAttempt> {
 public:
  GrpcAttempt(UnaryRequest& request, const Clock& clock)
      : request_(byte_buffer(std::move(request.body))) {
    for (const auto& [key, value] : request.metadata) {
      context_.AddMetadata(key, value);
      // gRPC's own retry filter owns that name and removes it.
      if (key == "grpc-previous-rpc-attempts")
        context_.AddMetadata("x-previous-rpc-attempts", value);
    }
    if (request.deadline != TimePoint::max()) {
      const auto left = std::max<Duration>(request.deadline - clock.now(), Duration::zero());
      context_.set_deadline(gpr_time_from_nanos(left.count(), GPR_TIMESPAN));
    }
  }

  void start(grpc::GenericStub& stub, const std::string& path, std::string target,
             std::function<void(UnaryReply)> done) {
    stub.UnaryCall(&context_, path, {}, &request_, &reply_,
                   [self = shared_from_this(), target = std::move(target), done = std::move(done)](
                       const grpc::Status& status) { done(self->reply(status, target)); });
  }
  void cancel() override { context_.TryCancel(); }

 private:
  UnaryReply reply(const grpc::Status& status, const std::string& target) {
    UnaryReply reply;
    reply.headers = metadata_list(context_.GetServerInitialMetadata());
    reply.trailers = metadata_list(context_.GetServerTrailingMetadata());
    if (status.ok()) {
      reply.body = text(reply_);
      return reply;
    }
    reply.status = {static_cast<Errc>(status.error_code()), status.error_message(),
                    status.error_details()};
    // A call that never got a connection has no peer: gRPC names the target instead.
    const std::string peer = context_.peer();
    reply.sent = !peer.empty() && peer != target;
    return reply;
  }

  grpc::ClientContext context_;
  grpc::ByteBuffer request_, reply_;
};

class GrpcConnection final : public Connection, public WatchedChannel {
 public:
  GrpcConnection(ConnectionOptions options, const GrpcTransportOptions& transport,
                 const grpc::ChannelArguments& arguments, const Clock& clock)
      : target_(grpc_target(options.address)),
        clock_(clock),
        channel_(make_channel(target_, std::move(options.stats), transport, arguments)),
        stub_(channel_),
        on_connectivity_(std::move(options.on_connectivity)) {}

  void connect() override { channel_->GetState(true); }
  void reset_backoff() override { exp::ChannelResetConnectionBackoff(channel_.get()); }
  std::shared_ptr<UnaryAttempt> start_unary(UnaryRequest request,
                                            std::function<void(UnaryReply)> done) override {
    ConnectivityMonitor::process().keep_callback_threads();
    auto attempt = std::make_shared<GrpcAttempt>(request, clock_);
    attempt->start(stub_, request.path, target_, std::move(done));
    return attempt;
  }
  std::shared_ptr<void> watch_health(const std::string& service,
                                     std::function<void(Health)> told) override {
    return open_health_stream(channel_, service, std::move(told));
  }
  bool ready() const override { return channel_->GetState(false) == GRPC_CHANNEL_READY; }
  std::shared_ptr<grpc::Channel> grpc_channel() const override { return channel_; }

  grpc::Channel& channel() override { return *channel_; }
  void on_state(Connectivity state) override { on_connectivity_(state); }

 private:
  static std::shared_ptr<grpc::Channel> make_channel(const std::string& target,
                                                     std::shared_ptr<CallStats> stats,
                                                     const GrpcTransportOptions& transport,
                                                     const grpc::ChannelArguments& arguments) {
    route_grpc_log();
    std::vector<std::unique_ptr<exp::ClientInterceptorFactoryInterface>> factories;
    factories.push_back(std::make_unique<CountingFactory>(std::move(stats)));
    const auto& credentials = transport.credentials;
    return exp::CreateCustomChannelWithInterceptors(
        target, credentials ? credentials : grpc::InsecureChannelCredentials(), arguments,
        std::move(factories));
  }

  const std::string target_;
  const Clock& clock_;
  const std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
  const std::function<void(Connectivity)> on_connectivity_;
};

class GrpcTransport final : public Transport {
 public:
  GrpcTransport(const Clock& clock, const GrpcTransportOptions& options)
      : clock_(clock), options_(options) {}

  std::shared_ptr<Connection> open(ConnectionOptions options) override {
    const auto arguments = channel_arguments(options.authority);
    auto connection =
        std::make_shared<GrpcConnection>(std::move(options), options_, arguments, clock_);
    ConnectivityMonitor::process().watch(connection);
    return connection;
  }

 private:
  grpc::ChannelArguments channel_arguments(const std::string& authority) const {
    const auto ms = [](Duration time) {
      return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
    };
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, ms(options_.initial_backoff));
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, ms(options_.max_backoff));
    // Whatever its name says: the time that one attempt to connect is given.
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, ms(options_.connect_timeout));
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, ms(options_.keepalive_time));
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, ms(options_.keepalive_timeout));
    if (!authority.empty()) arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, authority);
    if (!options_.server_name.empty()) arguments.SetSslTargetNameOverride(options_.server_name);
    // A discovered address is dialled as it stands, whatever http_proxy says.
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    return arguments;
  }

  const Clock& clock_;
  const GrpcTransportOptions options_;
};

}  // namespace

std::string grpc_target(const std::string& address) {
  const auto colon = address.rfind(':');
  // "unix:/run/a" and "dns:///a:80" are targets; in host:port digits follow the last colon.
  if (colon == std::string::npos ||
      address.find_first_not_of("0123456789", colon + 1) != std::string::npos ||
      address.find('/') != std::string::npos)
    return address;
  const std::string host = address.substr(0, colon);
  unsigned char parsed[sizeof(in6_addr)];
  if (inet_pton(AF_INET, host.c_str(), parsed) == 1) return "ipv4:///" + address;
  if (host.size() > 2 && host.front() == '[') return "ipv6:///" + address;
  return "dns:///" + address;
}

std::shared_ptr<Transport> make_grpc_transport(const Clock& clock, GrpcTransportOptions options) {
  return std::make_shared<GrpcTransport>(clock, options);
}

}  // namespace brontes
