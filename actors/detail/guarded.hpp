// What supervision adds to an actor class: the text of the exception, and "resume".
#pragma once

#include <brontes/actors/caf.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace brontes::detail {

/// Shared by all incarnations of one child.
struct Rails {
  bool resume = false;                           ///< an exception costs the message, not the actor
  std::function<void(const Status&)> on_resume;  ///< from the actor's turn
};

inline Status describe_exception(std::exception_ptr thrown) {
  try {
    std::rethrow_exception(std::move(thrown));
  } catch (const std::exception& e) {
    return {Errc::kInternal, std::string("the actor threw: ") + e.what()};
  } catch (...) {
    return {Errc::kInternal, "the actor threw something that is no std::exception"};
  }
}

/// CAF itself answers the request whose handler threw with the error of the exception handler.
template <class Actor>
class Guarded : public Actor {
 public:
  static_assert(!std::is_final_v<Actor>, "a supervised actor class must not be final");

  template <class... Args>
  Guarded(caf::actor_config& config, std::shared_ptr<const Rails> rails, Args&&... args)
      : Actor(config, std::forward<Args>(args)...), rails_(std::move(rails)) {
    this->set_exception_handler([](caf::scheduled_actor*, std::exception_ptr& thrown) {
      return to_error(describe_exception(thrown));
    });
  }

  using Actor::consume;
  caf::invoke_message_result consume(caf::mailbox_element& element) override {
    if (!rails_->resume) return Actor::consume(element);
    try {
      return Actor::consume(element);
    } catch (...) {
      give_up(element, describe_exception(std::current_exception()));
      return caf::invoke_message_result::consumed;
    }
  }

 private:
  void give_up(caf::mailbox_element& element, const Status& why) {
    // No sender: the handler had taken the promise along before it threw.
    if (element.mid.is_request() && element.sender)
      element.sender->enqueue(this->ctrl(), element.mid.response_id(),
                              caf::make_message(to_error(why)), this->context());
    rails_->on_resume(why);
  }

  std::shared_ptr<const Rails> rails_;
};

}  // namespace brontes::detail
