// How many requests and replies a stretch of bytes holds, told by readers that share nothing with
// the gateway: strict, simple and slow.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace brontes::fuzz {

/// The methods of the requests from the start up to the first one that is cut off or not beyond
/// doubt (RFC 9112: framing by one Content-Length or by `chunked`, never both; lines end in CRLF).
std::vector<std::string> whole_requests(std::string_view bytes);

struct CountedReplies {
  std::size_t count = 0;     ///< without 100 Continue
  bool closes = false;       ///< the last one says that nothing follows
  std::string_view rest;     ///< what is left after them
  std::string_view mistake;  ///< why it stopped before the end; "": it did not
};

/// Replies to requests with these methods; what answers a further one is read, too.
CountedReplies read_replies(std::string_view bytes, const std::vector<std::string>& methods);

}  // namespace brontes::fuzz
