#include <brontes/discovery/channel/channel.hpp>
#include <brontes/discovery/channel/detail/channel_state.hpp>
#include <brontes/discovery/discovery_actors.hpp>
#include <brontes/discovery/target.hpp>
#include <utility>

namespace brontes {

Expected<Channel> Channel::open(Discovery& discovery, const std::string& target,
                                ChannelOptions options) {
  if (!is_registry_target(target)) return open(discovery.system(), target, std::move(options));
  auto located = discovery.locate(target);
  if (!located) return fail(located.error());
  EndpointSource source;
  source.registry = located->registry;
  source.query = located->query;
  source.query.tags.insert(options.tags.begin(), options.tags.end());
  source.query.metadata.insert(options.metadata.begin(), options.metadata.end());
  source.resolver = discovery.actors().resolver;
  return State::open(discovery.system(), std::move(source), std::move(options), target);
}

}  // namespace brontes
