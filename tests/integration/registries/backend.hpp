// The kinds of registry that the conformance suite runs over here: a new kind adds one.
#pragma once

#include <brontes/discovery/testkit/conformance.hpp>
#include <memory>
#include <string>

namespace brontes::testing {

/// "memory", "static", "dns", "served" (`brontes registry`), "etcd" or "consul".
std::unique_ptr<RegistryUnderTest> make_backend(const std::string& kind, System& system);
/// Why this machine has no such thing; "": it has.
std::string why_no(const std::string& kind);

}  // namespace brontes::testing
