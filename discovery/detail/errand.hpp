// One request from outside of the actors, with a completion that is called exactly once.
#pragma once

#include <brontes/actors/caf.hpp>
#include <brontes/actors/system.hpp>
#include <functional>
#include <utility>

namespace brontes::detail {

/// Asks `to` and ends with the answer, or with an error at the latest after `limit`. `done` takes
/// an Expected<Reply> and runs on the actor pool; it keeps alive what it has captured.
template <class Reply, class To, class Message>
void run_errand(System& system, const To& to, Duration limit, Message message,
                std::function<void(Expected<Reply>)> done) {
  system.caf().spawn([to, limit, message = std::move(message),
                      done = std::move(done)](caf::event_based_actor* self) mutable {
    ask(self, to, limit, std::move(message))
        .then([done](Reply& reply) { done(std::move(reply)); },
              [done](const caf::error& error) { done(fail(to_status(error))); });
  });
}

}  // namespace brontes::detail
