#include <algorithm>
#include <brontes/actors/call/metadata.hpp>
#include <brontes/discovery/channel/channel.hpp>
#include <brontes/discovery/channel/detail/channel_state.hpp>
#include <brontes/discovery/target.hpp>
#include <utility>

namespace brontes {
namespace {

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    if (comma > at) parts.push_back(list.substr(at, comma - at));
    at = comma + 1;
  }
  return parts;
}

Expected<EndpointSource> source_of(const std::string& target) {
  EndpointSource source;
  if (!is_registry_target(target)) {
    if (target.empty()) return fail(Errc::kInvalidArgument, "open a channel: the target is empty");
    source.registry = target;
    source.query.name = target;
    source.fixed = {target};
    source.is_plain = true;
    return source;
  }
  auto parsed = parse_target(target);
  if (!parsed) return fail(parsed.error());
  if (parsed->addresses.empty())
    return fail(Errc::kInvalidArgument,
                "open a channel to " + target + ": it needs a registry, open it with a Discovery");
  source.registry = parsed->scheme + ":";
  source.query = parsed->query;
  source.fixed = split(parsed->addresses);
  return source;
}

}  // namespace

Status check(const ChannelOptions& options) {
  const auto refuse = [](const std::string& what, const std::string& why) {
    return Status(Errc::kInvalidArgument, what + ": " + why);
  };
  const auto is_share = [](double share) { return share >= 0 && share <= 1; };
  if (!is_share(options.retry_budget)) return refuse("retry_budget", "is out of range, 0 to 1");
  if (!is_share(options.hedge_budget)) return refuse("hedge_budget", "is out of range, 0 to 1");
  if (options.deadline_margin && *options.deadline_margin < Duration::zero())
    return refuse("deadline_margin", "is below zero");
  if (const Status status = check(MethodPolicy{.retry = options.retry}); !status.ok())
    return status;
  if (const Status status = check(options.methods); !status.ok())
    return refuse("methods", status.message());
  for (const auto& [key, value] : options.call_metadata)
    if (const Status status = check_metadata(key, value); !status.ok())
      return refuse("call_metadata", status.message());
  return {};
}

Expected<Channel> Channel::open(System& system, const std::string& target, ChannelOptions options) {
  auto source = source_of(target);
  if (!source) return fail(source.error());
  return State::open(system, std::move(*source), std::move(options), target);
}

Channel::Channel(std::shared_ptr<State> state) : state_(std::move(state)), core_(state_->core) {}
Channel::~Channel() = default;

std::shared_ptr<grpc::ChannelInterface> Channel::stub_channel() const {
  return state_->stub_channel();
}

const std::string& Channel::target() const { return core_->target; }

std::vector<EndpointView> Channel::endpoints() const {
  std::vector<EndpointView> views;
  const auto verdicts = core_->verdicts->get();
  views.reserve(verdicts->size());
  for (const EndpointVerdict& each : *verdicts) {
    const Endpoint& endpoint = *each.endpoint;
    const bool out = each.ejected && endpoint.connectivity() == Connectivity::kReady;
    views.push_back({endpoint.address(),
                     each.drained ? "drained"
                     : out        ? "ejected"
                                  : std::string(to_string(endpoint.connectivity())),
                     each.called, endpoint.stats().in_flight(), each.why});
  }
  return views;
}

Status Channel::wait_ready(Duration timeout, std::size_t count) const {
  // As a call would: a channel that is idle connects again.
  core_->picker->read([](const Picker& picker) {
    if (picker.size() == 0) (void)picker.pick({});
  });
  if (core_->readiness->wait(timeout, [&](std::size_t ready) { return ready >= count; })) return {};
  const auto picker = core_->picker->get();
  return {Errc::kDeadlineExceeded,
          "wait for " + std::to_string(count) + (count == 1 ? " endpoint of " : " endpoints of ") +
              core_->target + ": " +
              (picker->size() > 0 ? "only " + std::to_string(picker->size()) + " ready"
                                  : picker->complaint())};
}

}  // namespace brontes
