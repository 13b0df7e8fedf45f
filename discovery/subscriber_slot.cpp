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

SnapshotStep::SnapshotStep(SnapshotPtr before, SnapshotPtr now)
    : before_(std::move(before)), now_(std::move(now)) {}

const SnapshotChange& SnapshotStep::change() const {
  std::call_once(once_, [this] {
    static const std::vector<InstancePtr> kNobody;
    change_ = difference(before_ ? before_->instances : kNobody, now_->instances);
  });
  return change_;
}

bool SubscriberSlot::put(std::shared_ptr<const SnapshotStep> step) {
  const std::lock_guard lock(mutex_);
  newest_ = std::move(step);
  return !std::exchange(told_, true);
}

bool SubscriberSlot::put(SnapshotPtr snapshot) {
  return put(std::make_shared<const SnapshotStep>(nullptr, std::move(snapshot)));
}

std::optional<DiscoveryEvent> SubscriberSlot::take() {
  std::shared_ptr<const SnapshotStep> newest;
  SnapshotPtr before;
  {
    const std::lock_guard lock(mutex_);
    told_ = false;
    newest = std::exchange(newest_, nullptr);
    if (newest) before = std::exchange(taken_, newest->now());
  }
  if (!newest || newest->now() == before) return std::nullopt;
  const SnapshotPtr& now = newest->now();
  DiscoveryEvent event{
      type_of(before, now), now,
      newest->leads(before, now) ? newest->change() : SnapshotStep(before, now).change()};
  const bool news = !before || event.type != DiscoveryEvent::Type::kSnapshot ||
                    before->status != now->status || before->epoch != now->epoch ||
                    before->held != now->held || !event.change.empty();
  if (!news) return std::nullopt;
  return event;
}

}  // namespace brontes
