// What may travel as metadata of a call. gRPC ends the process when it is handed anything else, so
// all that comes from callers, handlers and peers is checked here first.
#pragma once

#include <brontes/actors/status.hpp>
#include <string_view>

namespace brontes {

/// OK, or kInvalidArgument which names the key and says what is wrong with it: keys are lower-case
/// letters, digits, '-', '_' and '.'; values are printable ASCII, except under keys that end with
/// "-bin", which take any bytes. What the transport itself writes (content-type, te, grpc-timeout
/// and so on) is nobody's to set.
Status check_metadata(std::string_view key, std::string_view value);

/// W3C trace context: version-traceid-parentid-flags, in lower-case hexadecimal; no id is zero.
bool is_traceparent(std::string_view text);
/// W3C trace context: "vendor=value,tenant@vendor=value": 1 to 32 members, none of them twice, 512
/// characters at most; keys and values as the standard spells them.
bool is_tracestate(std::string_view text);

}  // namespace brontes
