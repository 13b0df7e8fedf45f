// host:port as it stands in records: split with brackets in mind, joined again, made dialable.
#pragma once

#include <brontes/actors/status.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace brontes {

/// "[::1]:80" is {"::1", 80}.
struct HostPort {
  std::string host;  ///< without brackets; may be empty (":80")
  std::uint16_t port = 0;

  /// IPv6 hosts get their brackets back.
  std::string to_string() const;
  friend bool operator==(const HostPort&, const HostPort&) = default;
};

/// "h:80", "[::1]:80", ":80", also "::1:80" and ":::80" (the last colon splits). kInvalidArgument:
/// no port, a port outside of 1..65535, blanks.
Expected<HostPort> split_address(std::string_view address);

/// An empty host, "::", "[::]" and "0.0.0.0" mean "this machine" and become its first non-loopback
/// IPv4 address; all else stays. kNotFound when the machine has none.
Expected<std::string> dialable_address(std::string_view address);

/// In interface order, as hephfx does it.
Expected<std::string> local_ipv4();

}  // namespace brontes
