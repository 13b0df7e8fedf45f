// The name that a request is for: the value of Host, or the authority of an absolute target.
#pragma once

#include <string_view>

namespace brontes::detail {

/// Whether it is `host[:port]` as RFC 9110 7.2 has it: a name, an IPv4 address or an address in
/// brackets; a port up to 65535, which may be left out behind its colon. No user, no blanks, no
/// path. "" is no host: whether it may be missing is for the caller to say. Thread-safe.
bool is_host(std::string_view text);

}  // namespace brontes::detail
