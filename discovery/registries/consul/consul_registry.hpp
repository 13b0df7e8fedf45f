// Consul as a registry, through an agent's HTTP API; on the wire the same as hephfx and rs-hestia:
// docs/discovery.md.
#pragma once

#include <brontes/actors/system.hpp>
#include <brontes/discovery/registries/registry_access.hpp>
#include <brontes/discovery/registries/registry_url.hpp>
#include <brontes/discovery/registry.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace brontes {

inline constexpr RegistryFeatures kConsulFeatures{
    .writable = true, .watchable = true, .revisions = true, .leases_end_at_once = false};

struct ConsulOptions {
  /// "h:p" each. The first one is the agent that this process registers with; the others are only
  /// read from, when the first does not answer: the same record at two agents would be two.
  std::vector<std::string> agents;
  std::string prefix = "/hestia/registry-consul";  ///< tells records of one world from others'
  std::string datacenter = {};                     ///< to read from; "": the agent's own
  std::string token = {};                          ///< "": anonymous
  bool tls = false;
  std::string ca = {}, certificate = {}, key = {};  ///< PEM texts; no ca: the system's
  std::size_t history_limit = 10'000;               ///< changes that watches can be resumed after
  std::uint64_t seed = 1;                           ///< of all jitter, and of lease ids
};

/// kInvalidArgument: an option or prefix that cannot be, a file that cannot be read. Reads the
/// files of `access`, so it is not for actors. The password of `access` is the token.
Expected<ConsulOptions> consul_options(const RegistryUrl& url, const RegistryAccess& access);
/// What can be said of the URL alone.
Status check_consul_url(const RegistryUrl& url);

/// Needs Consul 1.8 or newer. Does not connect before it is asked something. To be stopped by its
/// owner.
Registry spawn_consul_registry(System& system, ConsulOptions options);

}  // namespace brontes
