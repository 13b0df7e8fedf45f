// A registry, asked from a test; and how long a test waits before it has failed.
#pragma once

#include <brontes/discovery/testkit/registry_client.hpp>
#include <string>

namespace brontes::testing {

inline constexpr Duration kHang = RegistryClient::kPatience;

/// "svc" unless said otherwise, at 127.0.0.1:80.
inline Instance instance(const std::string& id, const std::string& name = "svc",
                         const std::string& version = "", std::uint64_t born = 1) {
  return sample_instance(id, name, version, born);
}

}  // namespace brontes::testing
