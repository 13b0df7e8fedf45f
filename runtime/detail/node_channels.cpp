#include <brontes/discovery/target.hpp>
#include <brontes/runtime/detail/node_state.hpp>

namespace brontes {

Expected<Channel> Node::State::named_channel(const std::string& name) {
  const std::lock_guard lock(channels_mutex);
  if (const auto at = channels.find(name); at != channels.end()) return at->second;
  auto options = options_of(settings, name);
  if (!options) return fail(options.error());
  auto channel = Channel::open(discovery, settings.channels.at(name).target, std::move(*options));
  if (!channel)
    return fail(channel.error().code(), "channels." + name + ": " + channel.error().message());
  return channels.emplace(name, std::move(*channel)).first->second;
}

// What can be known without asking anybody: that their registries are.
Status Node::State::check_channels() const {
  for (const auto& [name, channel] : settings.channels) {
    if (!is_registry_target(channel.target)) continue;
    const auto target = parse_target(channel.target);
    if (target && !target->addresses.empty()) continue;
    if (const auto located = discovery.locate(channel.target); !located)
      return {located.error().code(), "channels." + name + ".target: " + located.error().message()};
  }
  return {};
}

}  // namespace brontes
