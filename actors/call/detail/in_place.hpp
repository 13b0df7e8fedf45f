// Runs an idle actor on this thread instead of waking a thread of the pool. See ADR 0021.
#pragma once

#include <brontes/actors/caf.hpp>
#include <caf/execution_unit.hpp>
#include <utility>

namespace brontes::detail {

/// For one delivery. Not thread-safe.
class InPlace final : public caf::execution_unit {
 public:
  explicit InPlace(caf::actor_system& system) : caf::execution_unit(&system) {}

  /// When it returns, the actor has seen the message, unless it is busy on another thread, which
  /// will see it, or has ended, which drops it.
  template <class To, class Message>
  void deliver(const To& to, Message message) {
    to->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(message)),
                this);
    run();
  }

  void exec_later(caf::resumable* job) override;

 private:
  void run();

  caf::resumable* job_ = nullptr;
  bool taken_ = false;
};

}  // namespace brontes::detail
