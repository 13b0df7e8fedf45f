#include <algorithm>
#include <brontes/discovery/detail/record_view.hpp>
#include <string_view>
#include <utility>

namespace brontes::detail {

ViewEffect RecordView::apply(const RecordsChanged& changed, TimePoint now) {
  ViewEffect effect;
  Batch gone;
  for (const RecordEvent& event : changed.events) {
    if (event.record.revision <= revision_ || !query_.covers(event.record.key)) continue;
    if (event.type == RecordEvent::Type::kRemoved)
      remove(event.record.key, gone, effect);
    else if (event.record.instance)  // else it cannot be read: the last good one stays
      put(event.record, gone, effect);
  }
  advance_to(changed.revision);
  judge(std::move(gone), false, now, effect);
  return effect;
}

ViewEffect RecordView::replace(const RecordsListed& listed, bool history_lost, TimePoint now) {
  ViewEffect effect;
  Batch gone;
  std::vector<std::string_view> present;
  present.reserve(listed.records.size());
  for (const Record& record : listed.records) {
    if (!record.instance || !query_.covers(record.key)) continue;
    present.push_back(record.key);
    put(record, gone, effect);
  }
  for (const std::string& key : missing_from(std::move(present))) remove(key, gone, effect);
  const auto confirmed = std::erase_if(held_, [&](const auto& entry) {
    return entry.second.confirmable && entry.second.due <= now;
  });
  if (confirmed > 0) effect.changed = effect.leaving = true;
  if (history_lost)
    for (auto& [key, held] : held_) held = {held.record, now + guard_.hold_limit, false};
  revision_ = listed.revision;
  judge(std::move(gone), history_lost, now, effect);
  return effect;
}

void RecordView::put(const Record& record, Batch& gone, ViewEffect& effect) {
  if (!query_.matches(*record.instance)) {
    // It is there, it is only no longer what one asked for: that is explained.
    if (records_.erase(record.key) + held_.erase(record.key) + gone.erase(record.key) > 0)
      effect.changed = effect.leaving = true;
    return;
  }
  const KnownRecord* known = records_.find(record.key);
  const bool returned = held_.erase(record.key) + gone.erase(record.key) > 0;
  const bool same = known != nullptr && *known->instance == *record.instance;
  if (known != nullptr && known->instance->healthy && !record.instance->healthy)
    effect.leaving = true;
  if (!same || returned) effect.changed = true;
  records_.put({record.key, same ? known->instance : record.instance, record.revision});
}

void RecordView::remove(const std::string& key, Batch& gone, ViewEffect& effect) {
  const KnownRecord* known = records_.find(key);
  if (known == nullptr) return;
  if (known->instance->healthy)
    gone.insert_or_assign(key, known->record());
  else
    effect.changed = effect.leaving = true;
  records_.erase(key);
}

std::vector<std::string> RecordView::missing_from(std::vector<std::string_view> listed) const {
  if (!std::is_sorted(listed.begin(), listed.end())) std::sort(listed.begin(), listed.end());
  std::vector<std::string> missing;
  const ByRecordKey before;
  auto next = listed.begin();
  for (const KnownRecord& known : records_) {
    while (next != listed.end() && before(*next, known)) ++next;
    if (next == listed.end() || before(known, *next)) missing.push_back(known.key());
  }
  return missing;
}

void RecordView::judge(Batch gone, bool history_lost, TimePoint now, ViewEffect& effect) {
  while (!unexplained_.empty() && now - unexplained_.front() > guard_.hold_window)
    unexplained_.pop_front();
  if (gone.empty()) return;
  unexplained_.insert(unexplained_.end(), gone.size(), now);
  const auto count = static_cast<double>(unexplained_.size());
  const double whole = count + static_cast<double>(records_.size());
  // After a lost history even one: those that are missing may only be slower to come back.
  const bool suspicious =
      history_lost || records_.empty() || (count >= 2 && count > guard_.hold_share * whole);
  if (!suspicious) {
    effect.changed = effect.leaving = true;
    return;
  }
  const TimePoint due = now + (history_lost ? guard_.hold_limit : guard_.confirm_after);
  for (auto& [key, record] : gone)
    held_.insert_or_assign(key, Held{std::move(record), due, !history_lost});
  effect.changed = true;  // they are marked as held now
}

ViewEffect RecordView::expire(TimePoint now) {
  const auto dropped = std::erase_if(held_, [&](const auto& entry) {
    return !entry.second.confirmable && entry.second.due <= now;
  });
  return {dropped > 0, dropped > 0};
}

TimePoint RecordView::next_due() const {
  TimePoint due = TimePoint::max();
  for (const auto& [key, held] : held_) due = std::min(due, held.due);
  return due;
}

bool RecordView::wants_list(TimePoint now) const {
  return std::any_of(held_.begin(), held_.end(), [&](const auto& entry) {
    return entry.second.confirmable && entry.second.due <= now;
  });
}

std::vector<InstancePtr> RecordView::instances() const {
  struct Seen {
    InstancePtr instance;
    std::uint64_t revision;
  };
  std::vector<Seen> all;
  all.reserve(records_.size() + held_.size());
  for (const KnownRecord& known : records_) all.push_back({known.instance, known.revision});
  for (const auto& [key, held] : held_) all.push_back({held.record.instance, held.record.revision});
  const auto before = [](const Seen& a, const Seen& b) {
    const int order = a.instance->instance_id.compare(b.instance->instance_id);
    return order != 0 ? order < 0 : a.revision > b.revision;
  };
  if (!std::is_sorted(all.begin(), all.end(), before)) std::sort(all.begin(), all.end(), before);
  std::vector<InstancePtr> result;
  result.reserve(all.size());
  for (Seen& seen : all)
    if (result.empty() || result.back()->instance_id != seen.instance->instance_id)
      result.push_back(std::move(seen.instance));
  return result;
}

std::vector<std::string> RecordView::held() const {
  std::vector<std::string> ids;
  for (const auto& [key, held] : held_) ids.push_back(held.record.instance->instance_id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

void RecordView::clear() {
  records_.clear();
  held_.clear();
}

}  // namespace brontes::detail
