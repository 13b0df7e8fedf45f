// Where a registry lives: "memory:", "memory:NAME", "static://h:p,h:p", "etcd://h:p?prefix=/p",
// "dns://svc.cluster.local:50051".
#pragma once

#include <brontes/actors/status.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace brontes {

/// A registry URL, taken apart. Secrets and certificates never stand in it: they are settings.
struct RegistryUrl {
  std::string scheme;  ///< lower case
  std::string name;    ///< of a memory registry; "" is the shared default one. Of dns: the suffix
  std::uint16_t port = 0;                      ///< of dns; 0: none
  std::vector<std::string> addresses;          ///< "h:p" each, checked; brackets stay on IPv6
  std::map<std::string, std::string> options;  ///< "prefix", "user", "dc", ...; percent-decoded

  /// The same registry always gives the same text.
  std::string to_string() const;
};

/// kInvalidArgument says what is wrong and shows the form that would do.
Expected<RegistryUrl> parse_registry_url(std::string_view url);

}  // namespace brontes
