// Canonical codes as HTTP status codes, by the table of google/rpc/code.proto.
#pragma once

#include <brontes/actors/status.hpp>

namespace brontes {

/// 200 for kOk, 499 for kCancelled, 500 for anything without a better one.
int http_status(Errc code);

}  // namespace brontes
