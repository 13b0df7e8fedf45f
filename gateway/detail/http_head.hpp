// Which heads of requests are refused, though they can be read.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/gateway/detail/http_message.hpp>
#include <string_view>

namespace brontes::detail {

/// The lines of headers are folded somewhere (a line that begins with a blank goes on with the one
/// before). `lines` end where a line ends.
bool has_fold(std::string_view lines);

/// What Beast lets pass and RFC 9112 does not, or what proxies may read differently:
/// kInvalidArgument says why. Beast itself refuses other versions than 1.0 and 1.1, lengths that
/// differ, and a Content-Length beside "Transfer-Encoding: chunked", in either order.
Status check_head(const RawRequest::header_type& head);

bool is_chunked(const RawRequest::header_type& head);

}  // namespace brontes::detail
