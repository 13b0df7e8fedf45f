// DNS as a registry: a service is a name, its instances are its SRV records, or its addresses. It
// can only be read, and only by name: docs/discovery.md, docs/adr/0046-dns-as-a-registry.md.
#pragma once

#include <brontes/actors/system.hpp>
#include <brontes/discovery/registries/registry_url.hpp>
#include <brontes/discovery/registry.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace brontes {

inline constexpr RegistryFeatures kDnsFeatures{.writable = false,
                                               .watchable = false,
                                               .revisions = false,
                                               .leases_end_at_once = false,
                                               .lists_all = false};

struct DnsOptions {
  /// What names stand under: "svc.cluster.local"; "": nothing, they are whole.
  std::string suffix;
  /// Of instances that are found by their addresses; 0: only SRV records count.
  std::uint16_t port = 0;
  /// Before the name, where SRV records are; "": they are at the name itself.
  std::string srv = "_grpc._tcp";
  std::vector<std::string> servers = {};  ///< "ip:port" each; none: those of this machine
  /// Answers are good for their time to live, but not shorter and not longer than this.
  Duration min_ttl = std::chrono::seconds(5), max_ttl = std::chrono::seconds(60);
};

/// "dns://SUFFIX[:PORT][?server=ip:port,...][&srv=_grpc._tcp]". kInvalidArgument: an option or
/// server that cannot be.
Expected<DnsOptions> dns_options(const RegistryUrl& url);

/// Asks nothing before it is asked something. Lists say how long they are good; all else is
/// answered with kUnimplemented. To be stopped by its owner.
Registry spawn_dns_registry(System& system, DnsOptions options);

}  // namespace brontes
