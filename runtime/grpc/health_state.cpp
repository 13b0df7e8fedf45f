#include <brontes/runtime/grpc/health_state.hpp>
#include <utility>

namespace brontes {

void HealthState::set(const std::string& service, bool serving) {
  {
    const std::lock_guard lock(mutex_);
    services_[service] = serving;
  }
  tell_watchers();
}

void HealthState::set_all_not_serving() {
  {
    const std::lock_guard lock(mutex_);
    for (auto& [service, serving] : services_) serving = false;
  }
  tell_watchers();
}

std::optional<bool> HealthState::serving(const std::string& service) const {
  const std::lock_guard lock(mutex_);
  const auto found = services_.find(service);
  return found == services_.end() ? std::nullopt : std::optional(found->second);
}

std::map<std::string, bool> HealthState::all() const {
  const std::lock_guard lock(mutex_);
  return services_;
}

void HealthState::end_watches() {
  {
    const std::lock_guard lock(mutex_);
    watches_ended_ = true;
  }
  tell_watchers();
}

bool HealthState::watches_ended() const {
  const std::lock_guard lock(mutex_);
  return watches_ended_;
}

void HealthState::subscribe(const std::shared_ptr<Watcher>& watcher) {
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(watchers_, [](const auto& known) { return known.expired(); });
    watchers_.push_back(watcher);
  }
  watcher->changed();
}

// Without the lock: a watcher reads the state, and writing to a stream may call it again.
void HealthState::tell_watchers() {
  std::vector<std::weak_ptr<Watcher>> watchers;
  {
    const std::lock_guard lock(mutex_);
    watchers = watchers_;
  }
  for (const auto& known : watchers)
    if (const auto watcher = known.lock()) watcher->changed();
}

}  // namespace brontes
