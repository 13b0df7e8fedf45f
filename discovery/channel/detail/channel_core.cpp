#include <brontes/discovery/channel/detail/channel_core.hpp>

namespace brontes {

void Readiness::set(std::size_t ready) {
  {
    const std::lock_guard lock(mutex_);
    if (ready_ == ready) return;
    ready_ = ready;
  }
  changed_.notify_all();
}

std::size_t Readiness::get() const {
  const std::lock_guard lock(mutex_);
  return ready_;
}

bool Readiness::wait(Duration timeout, const std::function<bool(std::size_t)>& is_enough) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [&] { return is_enough(ready_); });
}

}  // namespace brontes
