// Facts of a call, read from gRPC's context.
#pragma once

#include <brontes/actors/call/peer_identity.hpp>
#include <brontes/actors/clock.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct grpc_call;

namespace grpc {
class ServerContextBase;
}

namespace brontes::detail {

/// gRPC's deadlines are wall time; ours are the clock's. max() if there is none.
TimePoint steady_deadline(const grpc::ServerContextBase& context, const Clock& clock);

/// "ipv6:[::1]:51234": gRPC writes the brackets percent-encoded. "unknown" once the call was
/// cancelled: ask before.
std::string peer_address(const grpc::ServerContextBase& context);

/// The same in two steps, for who may ask late: what gRPC knows now, and its text.
using RawPeer = std::unique_ptr<char, void (*)(void*)>;
RawPeer raw_peer(grpc_call* call);
std::string readable_peer(std::string raw);

/// From the certificate that gRPC has checked; empty if there was none.
PeerIdentity identity_of_peer(grpc_call* call);

/// First value of the client's metadata under that key, or "".
std::string first_value(const grpc::ServerContextBase& context, std::string_view key);

/// All of it.
std::vector<std::pair<std::string, std::string>> all_values(const grpc::ServerContextBase& context);

}  // namespace brontes::detail
