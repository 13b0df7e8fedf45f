// Where a socket is: "10.0.0.7:50051", "[::1]:50051", ":50051" (all interfaces).
#pragma once

#include <brontes/actors/status.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace brontes {

/// A value. IPv6 hosts are kept without their brackets.
struct Address {
  std::string host;        ///< "": all interfaces
  std::uint16_t port = 0;  ///< 0: the system chooses one

  /// host:port, IPv6 in brackets; "" for an address that was never set (no host, no port).
  std::string to_string() const;
  /// All interfaces: "", "0.0.0.0" or "::".
  bool is_wildcard() const;

  friend bool operator==(const Address&, const Address&) = default;
};

/// kInvalidArgument with the reason when the text is not host:port.
Expected<Address> parse_address(std::string_view text);

}  // namespace brontes
