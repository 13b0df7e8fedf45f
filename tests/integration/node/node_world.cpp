#include "node_world.hpp"

namespace brontes::testing {

Chronicle::Chronicle(Discovery& discovery) {
  auto subscription = discovery.subscribe(Query{"greeter", "v1", {}, {}},
                                          [this](const DiscoveryEvent& event) { note(event); });
  EXPECT_TRUE(subscription) << subscription.error().to_string();
  if (subscription) subscription_ = std::move(*subscription);
}

void Chronicle::note(const DiscoveryEvent& event) {
  const std::lock_guard lock(mutex_);
  for (const auto& instance : event.change.added) entries_.push_back("+" + instance->version);
  for (const auto& instance : event.change.updated)
    entries_.push_back(instance->healthy ? "~healthy" : "~drained");
  for (const auto& instance : event.change.removed) entries_.push_back("-" + instance->version);
  changed_.notify_all();
}

std::vector<std::string> Chronicle::wait_for(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kHang, [&] { return entries_.size() >= count; });
  return entries_;
}

bool Chronicle::wait_until(const std::string& newest) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kHang,
                           [&] { return !entries_.empty() && entries_.back() == newest; });
}

std::vector<std::string> Chronicle::so_far() {
  const std::lock_guard lock(mutex_);
  return entries_;
}

}  // namespace brontes::testing
