// Calls of other doors to an adopted service: from the method table into the stock handlers, within
// this process.
#pragma once

#include <brontes/actors/call/method.hpp>
#include <brontes/runtime/grpc/detail/relay_line.hpp>
#include <memory>

namespace brontes::detail {

/// For a row: hands each call on, with its metadata, deadline and cancellation, and brings headers,
/// replies, trailers and status back. UNAVAILABLE while there is no channel.
Handler relay_handler(std::shared_ptr<RelayLine> line);

}  // namespace brontes::detail
