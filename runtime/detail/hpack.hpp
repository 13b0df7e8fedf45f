// The one question the listener has for a header block.
#pragma once

#include <string_view>

namespace brontes::detail {

/// A complete HPACK block, the first of its connection: is its content-type gRPC's (and not that of
/// gRPC-Web, which browsers send)? False for a damaged block.
bool is_grpc_request(std::string_view block);

}  // namespace brontes::detail
