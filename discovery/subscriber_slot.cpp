#include <brontes/discovery/resolver.hpp>
#include <utility>

namespace brontes {
namespace {

DiscoveryEvent::Type type_of(const SnapshotPtr& before, const SnapshotPtr& now) {
  const bool was_stale = before && before->status == SnapshotStatus::kStale;
  if (now->status == SnapshotStatus::kStale && !was_stale) return DiscoveryEvent::Type::kStale;
  if (now->status == SnapshotStatus::kLive && was_stale) return DiscoveryEvent::Type::kLive;
  return DiscoveryEvent::Type::kSnapshot;
}

}  // namespace

bool SubscriberSlot::put(SnapshotPtr snapshot) {
  const std::lock_guard lock(mutex_);
  newest_ = std::move(snapshot);
  return !std::exchange(told_, true);
}

std::optional<DiscoveryEvent> SubscriberSlot::take() {
  SnapshotPtr before, now;
  {
    const std::lock_guard lock(mutex_);
    told_ = false;
    before = std::exchange(taken_, newest_);
    now = newest_;
  }
  if (!now || now == before) return std::nullopt;
  static const std::vector<InstancePtr> kNobody;
  DiscoveryEvent event{type_of(before, now), now,
                       difference(before ? before->instances : kNobody, now->instances)};
  const bool news = !before || event.type != DiscoveryEvent::Type::kSnapshot ||
                    before->status != now->status || before->epoch != now->epoch ||
                    before->held != now->held || !event.change.empty();
  if (!news) return std::nullopt;
  return event;
}

}  // namespace brontes
