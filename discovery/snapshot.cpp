#include <brontes/discovery/snapshot.hpp>
#include <map>

namespace brontes {

SnapshotChange difference(const std::vector<InstancePtr>& before,
                          const std::vector<InstancePtr>& now) {
  SnapshotChange change;
  std::map<std::string_view, InstancePtr> left;
  for (const auto& instance : before) left.emplace(instance->instance_id, instance);
  for (const auto& instance : now) {
    const auto old = left.find(instance->instance_id);
    if (old == left.end()) {
      change.added.push_back(instance);
      continue;
    }
    if (old->second != instance && *old->second != *instance) change.updated.push_back(instance);
    left.erase(old);
  }
  for (const auto& [id, instance] : left) change.removed.push_back(instance);
  return change;
}

}  // namespace brontes
