#include <brontes/actors/call/cancellation.hpp>
#include <utility>

namespace brontes {

Cancellation::Subscription& Cancellation::Subscription::operator=(Subscription&& other) noexcept {
  std::swap(owner_, other.owner_);
  std::swap(id_, other.id_);
  return *this;
}

Cancellation::Subscription::~Subscription() {
  const auto owner = owner_.lock();
  if (!owner) return;
  const std::lock_guard lock(owner->mutex_);
  owner->listeners_.erase(id_);
}

Cancellation::Subscription Cancellation::subscribe(std::function<void()> listener) {
  {
    const std::lock_guard lock(mutex_);
    if (!requested()) {
      listeners_.emplace(++last_id_, std::move(listener));
      return {weak_from_this(), last_id_};
    }
  }
  listener();
  return {};
}

void Cancellation::request() {
  std::map<std::uint64_t, std::function<void()>> listeners;
  {
    const std::lock_guard lock(mutex_);
    if (requested_.exchange(true, std::memory_order_acq_rel)) return;
    listeners.swap(listeners_);
  }
  for (auto& [id, listener] : listeners) listener();
}

}  // namespace brontes
