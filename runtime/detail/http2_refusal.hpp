// What an HTTP/2 client hears that is no gRPC client.
#pragma once

#include <cstdint>
#include <string>

namespace brontes::detail {

/// SETTINGS, an acknowledgement of the client's, a 505 with a line of text as the answer to its
/// request (unless the stream is 0), and GOAWAY with HTTP_1_1_REQUIRED.
std::string http2_refusal(std::uint32_t stream, bool settings_sent);

}  // namespace brontes::detail
