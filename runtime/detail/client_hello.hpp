// The protocols that a TLS client offers (ALPN), read from its first bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace brontes::detail {

struct ClientHello {
  enum class State { kNeedMore, kComplete, kMalformed };
  State state = State::kNeedMore;
  std::vector<std::string> alpn;  ///< in the client's order; empty: it offers nothing

  bool offers(std::string_view protocol) const;
};

/// RFC 8446 4.1.2, RFC 7301 3.1. A pure function of what has been read so far, which may end
/// anywhere; the hello may be cut into several records.
ClientHello parse_client_hello(std::string_view bytes);

}  // namespace brontes::detail
