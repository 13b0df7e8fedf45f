// Whether somebody serves at an address, before it is announced.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/discovery/channel/client_tls.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace brontes {
class System;
}

namespace brontes::cli {

enum class Probe {
  kNone,  ///< believed unasked
  kGrpc,  ///< grpc.health.v1 says SERVING
  kTcp,   ///< a connection is accepted
};

/// kInvalidArgument unless it is none, grpc or tcp.
Expected<Probe> parse_probe(std::string_view text);

/// Asks once, for a second at most; blocks. Says what went wrong. `tls` is for gRPC.
Status ask_whether_it_serves(System& system, Probe probe, const std::string& address,
                             const std::optional<ClientTls>& tls);

}  // namespace brontes::cli
