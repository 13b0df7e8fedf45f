#include "crew.hpp"

#include <algorithm>
#include <thread>

#include "greeter.brontes.hpp"

namespace demo {
namespace {

using namespace std::chrono_literals;
using Hello::GreeterMethods;

constexpr const char* kTarget = "discovery:///greeter/v1";

class Greeter final : public brontes::ServiceActor {
 public:
  Greeter() {
    on<GreeterMethods::SayHello>([this](const Hello::HelloReq& request, Hello::HelloReply& reply) {
      reply.set_message("hello, " + request.name() + ", guest " + std::to_string(++guests_));
      return brontes::Status();
    });
  }

 private:
  int guests_ = 0;
};

brontes::Settings greeter_settings(brontes::Address listen) {
  brontes::Settings settings{.name = "greeter", .version = "v1", .listen = std::move(listen)};
  settings.ttl = kTtl;
  settings.drain.min = 200ms;
  return settings;
}

}  // namespace

Crew::Crew(std::size_t size) : discovery_(system_), nodes_(size), addresses_(size) {}

std::unique_ptr<brontes::Node> Crew::make_node(brontes::Address listen) {
  auto node = std::make_unique<brontes::Node>(greeter_settings(std::move(listen)), system_);
  node->serve<GreeterMethods>(brontes::actor<Greeter>());
  return node;
}

brontes::Status Crew::start() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i] = make_node({"127.0.0.1", 0});
    if (auto status = nodes_[i]->start(); !status.ok()) return status;
    addresses_[i] = nodes_[i]->address();
  }
  brontes::ChannelOptions in_turns;  // so that all nodes have the same share to show
  in_turns.balancing = brontes::BalancingOptions{.policy = "round_robin"};
  auto channel = brontes::Channel::open(discovery_, kTarget, in_turns);
  if (!channel) return channel.error();
  channel_ = std::make_unique<brontes::Channel>(std::move(*channel));
  if (auto status = channel_->wait_ready(10s, nodes_.size()); !status.ok()) return status;
  return watch();
}

brontes::Status Crew::watch() {
  auto subscription = discovery_.subscribe(kTarget, [this](const brontes::DiscoveryEvent& event) {
    const std::lock_guard lock(mutex_);
    for (const auto& gone : event.change.removed) gone_at_[gone->address] = clock().now();
    changed_.notify_all();
  });
  if (!subscription) return subscription.error();
  subscription_ = std::move(*subscription);
  return {};
}

void Crew::kill(std::size_t number) {
  {
    const std::lock_guard lock(mutex_);
    gone_at_.erase(addresses_[number]);
    killed_at_ = clock().now();
  }
  nodes_[number]->kill();
}

brontes::Status Crew::restart(std::size_t number) {
  const auto listen = brontes::parse_address(addresses_[number]);
  nodes_[number] = make_node(*listen);
  if (auto status = nodes_[number]->start(); !status.ok()) {
    nodes_[number].reset();
    return status;
  }
  return channel_->wait_ready(10s, nodes_.size());
}

bool Crew::is_listed(std::size_t number) {
  const auto known = discovery_.list(kTarget, 10s);
  if (!known) return false;
  const auto& all = (*known)->instances;
  return std::any_of(all.begin(), all.end(), [&](const brontes::InstancePtr& each) {
    return each->address == addresses_[number] && each->healthy;
  });
}

std::optional<brontes::Duration> Crew::wait_lapsed(std::size_t number) {
  std::unique_lock lock(mutex_);
  const std::string& address = addresses_[number];
  if (!changed_.wait_for(lock, 30s, [&] { return gone_at_.contains(address); })) return {};
  return gone_at_[address] - killed_at_;
}

brontes::Status Crew::stop() {
  std::vector<brontes::Status> ends(nodes_.size());
  {
    std::vector<std::jthread> stops;
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      if (nodes_[i]) stops.emplace_back([this, &ends, i] { ends[i] = nodes_[i]->stop(); });
  }
  for (auto& end : ends)
    if (!end.ok()) return std::move(end);
  return {};
}

}  // namespace demo
