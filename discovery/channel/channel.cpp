#include <algorithm>
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
  core_->picker->read([&](const Picker& picker) {
    for (const Candidate& each : picker.candidates()) {
      const Endpoint& endpoint = *each.endpoint;
      views.push_back({endpoint.address(), std::string(to_string(endpoint.connectivity())),
                       endpoint.stats().in_flight()});
    }
  });
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
