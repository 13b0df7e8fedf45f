#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <brontes/discovery/balancing/policies.hpp>
#include <brontes/discovery/channel/detail/balanced_channel.hpp>
#include <brontes/discovery/channel/detail/channel_state.hpp>
#include <brontes/discovery/channel/grpc_transport.hpp>
#include <random>
#include <utility>

namespace brontes {
namespace {

std::uint64_t seed_of(System& system, const ChannelOptions& options) {
  if (options.seed != 0) return options.seed;
  return system.deterministic() ? 1 : std::random_device{}();
}

SnapshotPtr fixed_snapshot(const EndpointSource& source) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->query = source.query;
  snapshot->status = SnapshotStatus::kLive;
  for (const std::string& address : source.fixed) {
    auto instance = std::make_shared<Instance>();
    instance->name = source.query.name;
    instance->instance_id = instance->address = address;
    snapshot->instances.push_back(std::move(instance));
  }
  return snapshot;
}

}  // namespace

Channel::State::State(System& system, EndpointSource source_, ChannelOptions options_,
                      const std::string& target)
    : source(std::move(source_)),
      options(std::move(options_)),
      core(std::make_shared<ChannelCore>(system.clock(), target, options,
                                         seed_of(system, options))) {
  if (!options.authority.empty() || source.is_plain) return;
  // With TLS the authority is what certificates must be of: nobody's is of "static".
  if (source.resolver || !options.tls) options.authority = source.query.name;
}

Channel::State::~State() {
  if (core->balancer) stop(core->balancer);
  if (!core->hedges) return;
  core->hedges->detach();
  if (core->hedge_timer) stop(core->hedge_timer);
}

Expected<Channel> Channel::State::open(System& system, EndpointSource source,
                                       ChannelOptions options, const std::string& target) {
  if (Status status = check(options); !status.ok())
    return fail(status.code(), "open a channel to " + target + ": " + status.message());
  auto state = std::make_shared<State>(system, std::move(source), std::move(options), target);
  const BalancingOptions balancing = state->options.balancing.value_or(BalancingOptions());
  auto policy = make_policy(balancing, state->core->seed);
  if (!policy)
    return fail(policy.error().code(),
                "open a channel to " + target + ": balancing." + policy.error().message());
  if (Status status = state->choose_transport(system); !status.ok())
    return fail(status.code(), "open a channel to " + target + ": " + status.message());
  state->start(system, std::move(*policy));
  return Channel(std::move(state));
}

Status Channel::State::choose_transport(System& system) {
  if (options.transport)
    return options.tls ? Status(Errc::kInvalidArgument, "a transport of one's own brings its TLS")
                       : Status();
  GrpcTransportOptions grpc;
  if (options.tls) {
    auto made = client_credentials(*options.tls);
    if (!made) return made.error();
    grpc.credentials = credentials = std::move(*made);
    grpc.server_name = options.tls->server_name;
  }
  options.transport = make_grpc_transport(system.clock(), std::move(grpc));
  return {};
}

// gRPC's own target, as gRPC would have it.
std::shared_ptr<grpc::Channel> Channel::State::plain_channel() const {
  grpc::ChannelArguments arguments;
  if (options.tls && !options.tls->server_name.empty())
    arguments.SetSslTargetNameOverride(options.tls->server_name);
  return grpc::CreateCustomChannel(source.fixed.front(),
                                   credentials ? credentials : grpc::InsecureChannelCredentials(),
                                   arguments);
}

void Channel::State::start(System& system, std::unique_ptr<BalancingPolicy> policy) {
  LoadBalancerOptions balancing;
  balancing.service = source.resolver ? source.query.to_string() : core->target;
  if (source.resolver) balancing.registry = source.registry;
  balancing.query = source.query;
  balancing.resolver = source.resolver;
  balancing.transport = options.transport;
  balancing.policy = std::move(policy);
  const BalancingOptions how = options.balancing.value_or(BalancingOptions());
  balancing.load = core->load;
  balancing.slow_start = how.slow_start;
  balancing.ejection = how.ejection;
  balancing.picker = core->picker;
  balancing.verdicts = core->verdicts;
  balancing.authority = options.authority;
  balancing.max_waiting_calls = options.max_waiting_calls;
  balancing.health_service = options.health_service;
  balancing.on_published = [readiness = core->readiness](const Picker& picker) {
    readiness->set(picker.size());
  };
  core->picker->publish(std::make_shared<EmptyPicker>(
      "call " + core->target + ": " + kPendingComplaint, source.fixed, true));
  core->balancer = spawn_load_balancer(system, std::move(balancing));
  if (core->hedges) {
    core->hedge_timer = spawn_hedge_timer(system, core->hedges);
    core->hedges->attach(core->hedge_timer);
  }
  if (source.resolver) return;
  auto slot = std::make_shared<SubscriberSlot>(source.registry, source.query);
  slot->put(fixed_snapshot(source));
  tell(core->balancer, SnapshotReady{std::move(slot)});
}

std::shared_ptr<grpc::ChannelInterface> Channel::State::stub_channel() {
  const std::lock_guard lock(mutex_);
  if (source.is_plain && options.call_metadata.empty()) {
    if (!plain_) plain_ = plain_channel();
    return plain_;
  }
  auto balanced = stubs_.lock();
  if (!balanced) {
    balanced = std::make_shared<BalancedChannel>(core, options.transport, options.authority,
                                                 shared_from_this());
    stubs_ = balanced;
  }
  return balanced;
}

}  // namespace brontes
