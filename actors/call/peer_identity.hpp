// Who a caller proved to be, by the certificate that it showed in a TLS handshake.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace brontes {

/// Comes from a certificate that the server has checked, never from anything a caller may write.
/// Empty without TLS, without mutual TLS (`tls.client_ca`), and for a certificate without names.
struct PeerIdentity {
  std::string common_name = {};             ///< of the subject
  std::vector<std::string> uris = {};       ///< alternative names: "spiffe://prod/orders"
  std::vector<std::string> dns_names = {};  ///< alternative names: "orders.internal"

  bool empty() const { return common_name.empty() && uris.empty() && dns_names.empty(); }

  /// The most telling one, for logs and rules: the first URI, else the first DNS name, else the
  /// common name; "" when there is none.
  const std::string& name() const {
    if (!uris.empty()) return uris.front();
    return dns_names.empty() ? common_name : dns_names.front();
  }
  /// Whether a URI or DNS name is exactly this one. The common name does not count: who signs may
  /// have let the client choose it.
  bool has_name(const std::string& name) const {
    return std::count(uris.begin(), uris.end(), name) > 0 ||
           std::count(dns_names.begin(), dns_names.end(), name) > 0;
  }

  bool operator==(const PeerIdentity&) const = default;
};

}  // namespace brontes
