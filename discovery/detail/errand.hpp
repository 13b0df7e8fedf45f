// One request from outside of the actors, with a completion that is called exactly once.
#pragma once

#include <brontes/actors/caf.hpp>
#include <brontes/actors/system.hpp>
#include <functional>
#include <utility>

namespace brontes::detail {

/// Lives for one request. A class, because CAF's function-based actors bind a null reference.
template <class Reply, class To, class Message>
class Errand final : public caf::event_based_actor {
 public:
  using Done = std::function<void(Expected<Reply>)>;

  Errand(caf::actor_config& config, To to, Duration limit, Message message, Done done)
      : caf::event_based_actor(config),
        to_(std::move(to)),
        limit_(limit),
        message_(std::move(message)),
        done_(std::move(done)) {}

  caf::behavior make_behavior() override {
    ask(this, to_, limit_, std::move(message_))
        .then([this](Reply& reply) { done_(std::move(reply)); },
              [this](const caf::error& error) { done_(fail(to_status(error))); });
    return {};  // ends with the answer
  }

  /// Who was asked may remember us for longer; what `done` captured shall not wait for it.
  void on_exit() override { done_ = nullptr; }

 private:
  To to_;
  Duration limit_;
  Message message_;
  Done done_;
};

/// Asks `to` and ends with the answer, or with an error at the latest after `limit`. `done` runs on
/// the actor pool; what it has captured lives until then.
template <class Reply, class To, class Message>
void run_errand(System& system, const To& to, Duration limit, Message message,
                std::function<void(Expected<Reply>)> done) {
  system.caf().spawn<Errand<Reply, To, Message>>(to, limit, std::move(message), std::move(done));
}

}  // namespace brontes::detail
