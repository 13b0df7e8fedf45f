#include <brontes/actors/detail/facade.hpp>
#include <caf/make_actor.hpp>
#include <caf/system_messages.hpp>
#include <utility>

namespace brontes::detail {

Facade::Facade(caf::actor_config& config, std::string name)
    : caf::monitorable_actor(config), name_(std::move(name)) {}

void Facade::enqueue(caf::mailbox_element_ptr element, caf::execution_unit* context) {
  if (const auto target = incarnation()) {
    target->enqueue(std::move(element), context);
    return;
  }
  if (element->content().match_elements<caf::exit_msg>()) {
    close(std::move(element->content().get_mutable_as<caf::exit_msg>(0).reason));
  } else if (element->mid.is_request()) {
    const char* what = closed_ ? " was given up" : " is being restarted";
    if (element->sender)
      element->sender->enqueue(
          ctrl(), element->mid.response_id(),
          caf::make_message(to_error({Errc::kUnavailable, "actor " + name_ + what})), context);
  } else {
    ++dropped_;
  }
}

bool Facade::point_to(caf::strong_actor_ptr incarnation) {
  const std::lock_guard lock(pointer_mutex_);
  if (closed_) return false;
  incarnation_.swap(incarnation);  // the old one goes after the lock
  return true;
}

caf::strong_actor_ptr Facade::incarnation() const {
  const std::lock_guard lock(pointer_mutex_);
  return incarnation_;
}

void Facade::close(caf::error reason) {
  caf::strong_actor_ptr last;
  {
    const std::lock_guard lock(pointer_mutex_);
    closed_ = true;
    last.swap(incarnation_);
  }
  cleanup(std::move(reason), nullptr);
}

caf::strong_actor_ptr make_facade(caf::actor_system& system, std::string name) {
  caf::actor_config config{system.dummy_execution_unit()};
  return caf::actor_cast<caf::strong_actor_ptr>(caf::make_actor<Facade, caf::actor>(
      system.next_actor_id(), system.node(), &system, config, std::move(name)));
}

Facade* as_facade(const caf::strong_actor_ptr& actor) {
  return actor ? dynamic_cast<Facade*>(actor->get()) : nullptr;
}

}  // namespace brontes::detail
