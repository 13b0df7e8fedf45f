#include <algorithm>
#include <brontes/discovery/snapshot.hpp>

namespace brontes {
namespace {

using Instances = std::vector<InstancePtr>;

bool by_id(const InstancePtr& a, const InstancePtr& b) { return a->instance_id < b->instance_id; }

/// The list itself when it is sorted, as those of snapshots are; else a sorted copy in `room`.
const Instances& sorted(const Instances& list, Instances& room) {
  if (std::is_sorted(list.begin(), list.end(), by_id)) return list;
  room = list;
  std::stable_sort(room.begin(), room.end(), by_id);
  return room;
}

}  // namespace

SnapshotChange difference(const std::vector<InstancePtr>& before,
                          const std::vector<InstancePtr>& now) {
  Instances old_room, new_room;
  const Instances& old_list = sorted(before, old_room);
  const Instances& new_list = sorted(now, new_room);
  SnapshotChange change;
  auto old = old_list.begin();
  for (const InstancePtr& instance : new_list) {
    while (old != old_list.end() && by_id(*old, instance)) change.removed.push_back(*old++);
    if (old == old_list.end() || by_id(instance, *old)) {
      change.added.push_back(instance);
      continue;
    }
    if (*old != instance && **old != *instance) change.updated.push_back(instance);
    ++old;
  }
  change.removed.insert(change.removed.end(), old, old_list.end());
  return change;
}

}  // namespace brontes
