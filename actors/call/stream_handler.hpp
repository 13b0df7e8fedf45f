// The machinery under the typed stream handlers of handlers.hpp: what a stream does with demand,
// reads, half close and cancel, once for all message types.
#pragma once

#include <brontes/actors/call/method.hpp>
#include <brontes/actors/status.hpp>
#include <deque>
#include <functional>
#include <memory>

namespace brontes {

class Call;

/// Replies on their way to the window of a stream.
using Outbox = std::deque<std::unique_ptr<Message>>;

/// Fills the next reply; false: that was all.
using NextReply = std::function<Expected<bool>(Message& reply)>;
/// Takes one request, or nullptr once, at the half close. Anything but OK ends the call.
using TakeRequest = std::function<Status(const Message* request, Message& reply)>;
using TakeAndReply = std::function<Status(const Message* request, Outbox& replies)>;

/// Each `begin` runs once for each call and returns what serves that call. Events of one call are
/// served one after the other, whatever threads bring them.
Handler serve_server_stream(std::function<NextReply(Call&)> begin);
Handler serve_client_stream(std::function<TakeRequest(Call&)> begin);
Handler serve_bidi_stream(std::function<TakeAndReply(Call&)> begin);

/// Answers UNIMPLEMENTED.
Handler serve_unimplemented();

}  // namespace brontes
