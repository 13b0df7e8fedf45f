// A list of addresses that never changes, as a registry: any name has them all.
#pragma once

#include <brontes/actors/system.hpp>
#include <brontes/discovery/registry.hpp>
#include <string>
#include <vector>

namespace brontes {

inline constexpr RegistryFeatures kStaticFeatures{
    .writable = false, .watchable = true, .revisions = true, .names = false};

/// Addresses as split_address() takes them; the instance id is the address. Writing is answered
/// with kUnimplemented. To be stopped by its owner.
Registry spawn_static_registry(System& system, std::vector<std::string> addresses);

}  // namespace brontes
