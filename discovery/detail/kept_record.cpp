#include <brontes/discovery/detail/kept_record.hpp>
#include <utility>

namespace brontes::detail {

using Type = AnnouncementEvent::Type;

void KeptRecord::want(Instance wanted) {
  instance = std::move(wanted);
  key = record_key(instance);
  leaving = false;
  not_before = {};
  if (phase == RecordPhase::kStanding || phase == RecordPhase::kDrained)
    phase = RecordPhase::kWanted;
}

void KeptRecord::leave() {
  // Drained before it is removed, so that watchers know why it goes.
  if (!leaving && phase == RecordPhase::kStanding) phase = RecordPhase::kWanted;
  instance.healthy = false;
  leaving = true;
  not_before = {};
}

void KeptRecord::stand(LeaseId lease, TimePoint now) {
  phase = RecordPhase::kStanding;
  not_before = {};
  if (!std::exchange(stood, true))
    tell_listener(Type::kRegistered, lease);
  else if (lost_at)
    tell_listener(Type::kReregistered, lease, {}, now - *lost_at);
  lost_at.reset();
  answer();
}

void KeptRecord::lose(LeaseId lease, const Status& cause, TimePoint now) {
  if (stood && !leaving && !lost_at) {
    lost_at = now;
    tell_listener(Type::kLost, lease, cause);
  }
  attempt_at(RecordPhase::kWanted, {});
}

void KeptRecord::attempt_at(RecordPhase step, TimePoint when) {
  phase = step;
  not_before = when;
}

void KeptRecord::answer() {
  for (auto& promise : std::exchange(waiting, {})) promise.deliver(RecordStands{key});
}

void KeptRecord::tell_listener(Type type, LeaseId lease, Status cause, Duration gap) const {
  if (listener)
    tell(listener, AnnouncementEvent{type, instance, key, lease.value, gap, std::move(cause)});
}

}  // namespace brontes::detail
