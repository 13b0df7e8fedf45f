// Unary calls through a chain of guards (docs/resilience.md): `guarded_call<M>(guards, channel,
// request)`.
//
//   guarded_call<Shop::GetPrice>(guarded, channel, request, {.parent = call->context()})
//       .then(executor, [](Expected<Price> price) { ... });
//
// The guards see one call, however often the channel retries it: they stand outside of retries.
#pragma once

#include <brontes/actors/resilience/chain.hpp>
#include <brontes/discovery/channel/client_call.hpp>
#include <string_view>
#include <utility>

namespace brontes {

namespace detail {
/// What the guards of a call are to know of it.
CallTerms terms_of(const Channel& channel, std::string_view path, const CallOptions& options);
Duration time_left(const Channel& channel, const CallTerms& terms);
}  // namespace detail

/// As call<M>(). Its time-out begins here: what the guards let it wait is part of it. Calls of
/// one CallOptions::key share a guard of PerKey; without one, those of one method do. The executor
/// is for calls that had to wait; starting one is short, so none will do.
template <class M, class... Layers>
Later<typename M::Reply> guarded_call(const GuardChain<Layers...>& guards, const Channel& channel,
                                      typename M::Request request, CallOptions options = {}) {
  CallTerms terms = detail::terms_of(channel, M::path, options);
  return guards.start(
      [channel, request = std::move(request),
       options = std::move(options)](const CallTerms& inner) {
        CallOptions mine = options;
        mine.timeout = detail::time_left(channel, inner);
        mine.parent.cancellation = inner.cancellation;
        return call<M>(channel, request, std::move(mine));
      },
      std::move(terms));
}

}  // namespace brontes
