// etcd v3 as a registry, on the wire the same as hephfx and rs-hestia: docs/discovery.md.
#pragma once

#include <brontes/actors/system.hpp>
#include <brontes/discovery/registries/registry_access.hpp>
#include <brontes/discovery/registries/registry_url.hpp>
#include <brontes/discovery/registry.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace brontes {

struct EtcdOptions {
  std::vector<std::string> members = {};         ///< "h:p" each; any of them will do
  std::string prefix = "/hestia/registry-etcd";  ///< in front of all keys, as normalised
  std::string user = {}, password = {};          ///< "": nobody in particular
  bool tls = false;
  std::string ca = {}, certificate = {}, key = {};  ///< PEM texts; no ca: the system's
  std::uint64_t seed = 1;                           ///< of all jitter, and of the first member
};

/// kInvalidArgument: an option or prefix that cannot be, a user without a password, a file that
/// cannot be read. Reads the files of `access`, so it is not for actors.
Expected<EtcdOptions> etcd_options(const RegistryUrl& url, const RegistryAccess& access);
/// What can be said of the URL alone.
Status check_etcd_url(const RegistryUrl& url);

/// Needs etcd 3.4 or newer. Does not connect before it is asked something. Fails over between
/// members, gets and renews its token; a request is answered with an error when each member was
/// asked once. To be stopped by its owner.
Registry spawn_etcd_registry(System& system, EtcdOptions options);

}  // namespace brontes
