#include "crew.hpp"

#include <algorithm>

namespace demo {
namespace {

using namespace std::chrono_literals;
using brontes::Errc;
using brontes::Status;

constexpr const char* kTarget = "discovery:///greeter/v1";
constexpr const char* kSeat = "seat";  // the tag that tells the greeters apart
constexpr brontes::Duration kPatience = 20s;

}  // namespace

Crew::Crew(std::size_t size) : greeters_(size), addresses_(size) {}

Status Crew::start_registry() {
  registry_.emplace("brontes",
                    std::vector<std::string>{"registry", "--listen", "127.0.0.1:0", "--json"});
  const auto line = registry_->next_line(kPatience).value_or("");
  const std::string key = "\"address\":\"";
  const auto begin = line.find(key);
  if (begin == std::string::npos)
    return {Errc::kUnavailable, "brontes registry does not serve: \"" + line + "\""};
  const auto from = begin + key.size();
  url_ = "etcd://" + line.substr(from, line.find('"', from) - from);
  return {};
}

void Crew::start_greeter(std::size_t number, const std::string& listen) {
  const auto ttl = std::to_string(kTtl / 1s) + "s";
  greeters_[number].emplace(
      "greeter",
      std::vector<std::string>{"--listen", listen, "--registry", url_, "--set", "ttl=" + ttl,
                               "--set", "drain.min=200ms", "--set", "log.level=error", "--set",
                               std::string("tags.") + kSeat + "=" + std::to_string(number)});
}

Status Crew::start() {
  if (auto status = start_registry(); !status.ok()) return status;
  discovery_.emplace(system_, brontes::DiscoveryOptions{.registry = url_});
  for (std::size_t i = 0; i < greeters_.size(); ++i) start_greeter(i, "127.0.0.1:0");
  if (auto status = watch(); !status.ok()) return status;
  if (auto status = wait_listed(); !status.ok()) return status;
  brontes::ChannelOptions in_turns;  // so that all nodes have the same share to show
  in_turns.balancing = brontes::BalancingOptions{.policy = "round_robin"};
  auto channel = brontes::Channel::open(*discovery_, kTarget, in_turns);
  if (!channel) return channel.error();
  channel_.emplace(std::move(*channel));
  return channel_->wait_ready(kPatience, greeters_.size());
}

Status Crew::watch() {
  auto subscription =
      discovery_->subscribe(kTarget, [this](const brontes::DiscoveryEvent& event) { note(event); });
  if (!subscription) return subscription.error();
  subscription_ = std::move(*subscription);
  return {};
}

void Crew::note(const brontes::DiscoveryEvent& event) {
  const std::lock_guard lock(mutex_);
  for (const auto& gone : event.change.removed) gone_at_[gone->address] = clock().now();
  for (const auto& each : event.snapshot->instances)
    if (const auto seat = each->tags.find(kSeat); seat != each->tags.end())
      listed_[seat->second] = each->address;
  changed_.notify_all();
}

Status Crew::wait_listed() {
  std::unique_lock lock(mutex_);
  const bool all =
      changed_.wait_for(lock, kPatience, [&] { return listed_.size() == addresses_.size(); });
  for (std::size_t i = 0; i < addresses_.size(); ++i) addresses_[i] = listed_[std::to_string(i)];
  if (all) return {};
  return {Errc::kDeadlineExceeded,
          "not all greeters are found at " + url_ + " in time; what they said is above"};
}

void Crew::kill(std::size_t number) {
  {
    const std::lock_guard lock(mutex_);
    gone_at_.erase(addresses_[number]);
    killed_at_ = clock().now();
  }
  greeters_[number]->kill();
}

Status Crew::restart(std::size_t number) {
  start_greeter(number, addresses_[number]);
  return channel_->wait_ready(kPatience, greeters_.size());
}

bool Crew::is_listed(std::size_t number) {
  const auto known = discovery_->list(kTarget, 10s);
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

Status Crew::stop() {
  Status first;
  const auto note_end = [&first](Process& process) {
    const Status end = process.wait(kPatience);
    if (first.ok()) first = end;
  };
  for (auto& greeter : greeters_) greeter->ask_to_stop();
  for (auto& greeter : greeters_) note_end(*greeter);
  registry_->ask_to_stop();
  note_end(*registry_);
  return first;
}

}  // namespace demo
