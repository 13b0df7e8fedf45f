// The door to the C++ Actor Framework (Debian's 0.17.6): actors are written against this header,
// and need a shim of the same size to run on CAF 1.x. The few files that reach into CAF's inner
// parts beside it are named in tools/check_floors.py, which lets no other include CAF. See
// docs/adr/0010-caf-through-one-header.md.
//
// It is heavy (about a second to compile): keep it out of headers that users include.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/response_promise.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <string>
#include <utility>

/// Makes a struct a message that stays in this process. At global scope, after the struct.
#define BRONTES_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)

namespace brontes {

namespace detail {
template <class Signature>
struct SignatureOf;
template <class R, class... A>
struct SignatureOf<R(A...)> {
  using type = typename caf::replies_to<A...>::template with<R>;
};
template <class... A>
struct SignatureOf<void(A...)> {
  using type = caf::reacts_to<A...>;
};
}  // namespace detail

/// A typed actor handle; the signature list is its manual: Interface<Granted(Grant), void(Tick)>.
template <class... Signature>
using Interface = caf::typed_actor<typename detail::SignatureOf<Signature>::type...>;

/// From an actor to an actor. An error *returned* by the receiver kills the sender, so messages
/// that nobody answers go by tell().
template <class Self, class To, class... Message>
void send(Self* self, const To& to, Message&&... message) {
  self->send(to, std::forward<Message>(message)...);
}

/// Pending messages keep their receiver alive until they are due.
template <class Self, class To, class... Message>
void send_after(Self* self, const To& to, Duration delay, Message&&... message) {
  self->delayed_send(to, delay, std::forward<Message>(message)...);
}

/// Fire and forget, from any thread.
template <class To, class... Message>
void tell(const To& to, Message&&... message) {
  caf::anon_send(to, std::forward<Message>(message)...);
}

/// `.then(on_reply, on_error)`; never waits.
template <class Self, class To, class... Message>
auto ask(Self* self, const To& to, Duration timeout, Message&&... message) {
  return self->request(to, timeout, std::forward<Message>(message)...);
}

/// Stops an actor; `reason` unknown-to-it means "by its owner".
template <class Handle>
void stop(const Handle& handle) {
  caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
}

template <class Self, class Handle>
void monitor(Self* self, const Handle& handle) {
  self->monitor(handle);
}

/// One per actor: `f(caf::actor_addr who, const caf::error& why)`.
template <class Self, class F>
void on_down(Self* self, F f) {
  self->set_down_handler([f = std::move(f)](caf::down_msg& down) { f(down.source, down.reason); });
}

/// The time of the actor's system, virtual in a scenario.
template <class Self>
TimePoint now(Self* self) {
  return self->clock().now();
}

/// Status <-> caf::error, for replies of typed actors: `return to_error(status)`.
caf::error to_error(const Status& status);
/// Time-outs become kDeadlineExceeded, actors that are gone kUnavailable.
Status to_status(const caf::error& error);

}  // namespace brontes
