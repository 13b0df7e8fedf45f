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

bool is_news(const DiscoveryEvent& event, const SnapshotPtr& before) {
  const SnapshotPtr& now = event.snapshot;
  return !before || event.type != DiscoveryEvent::Type::kSnapshot ||
         before->status != now->status || before->epoch != now->epoch ||
         before->held != now->held || !event.change.empty();
}

}  // namespace

SnapshotStep::SnapshotStep(SnapshotPtr before, SnapshotPtr now)
    : before_(std::move(before)), now_(std::move(now)) {}

DiscoveryEventPtr SnapshotStep::event(std::shared_ptr<const SnapshotStep> step) {
  std::call_once(step->once_, [&made = *step] {
    static const std::vector<InstancePtr> kNobody;
    const SnapshotPtr &before = made.before_, &now = made.now_;
    DiscoveryEvent event{type_of(before, now), now,
                         difference(before ? before->instances : kNobody, now->instances)};
    if (is_news(event, before)) made.event_ = std::move(event);
  });
  if (!step->event_) return nullptr;
  const DiscoveryEvent* event = &*step->event_;
  return {std::move(step), event};
}

bool SubscriberSlot::put(std::shared_ptr<const SnapshotStep> step) {
  const std::lock_guard lock(mutex_);
  newest_ = std::move(step);
  return !std::exchange(told_, true);
}

bool SubscriberSlot::put(SnapshotPtr snapshot) {
  return put(std::make_shared<const SnapshotStep>(nullptr, std::move(snapshot)));
}

std::shared_ptr<const SnapshotStep> SubscriberSlot::take_step() {
  std::shared_ptr<const SnapshotStep> newest;
  SnapshotPtr before;
  {
    const std::lock_guard lock(mutex_);
    told_ = false;
    newest = std::exchange(newest_, nullptr);
    if (newest) before = std::exchange(taken_, newest->now());
  }
  if (!newest || newest->now() == before) return nullptr;
  if (newest->leads(before, newest->now())) return newest;
  return std::make_shared<const SnapshotStep>(before, newest->now());
}

DiscoveryEventPtr SubscriberSlot::take() {
  auto step = take_step();
  return step ? SnapshotStep::event(std::move(step)) : nullptr;
}

bool SubscriberSlot::is_empty() const {
  const std::lock_guard lock(mutex_);
  return newest_ == nullptr;
}

}  // namespace brontes
