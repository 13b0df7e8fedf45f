// What a watch loop knows: the records of one query, kept by applying lists and changes in order;
// and the guard that does not believe every disappearance at once.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/discovery/detail/known_records.hpp>
#include <brontes/discovery/registry.hpp>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace brontes::detail {

struct GuardOptions {
  Duration hold_limit = std::chrono::seconds(60);
  double hold_share = 0.3;
  Duration hold_window = std::chrono::seconds(30);
  Duration confirm_after = std::chrono::seconds(1);
};

/// What applying something did to the instances that subscribers see.
struct ViewEffect {
  bool changed = false;
  bool leaving = false;  ///< an instance left or was drained: news that should be quick
};

/// A removal is explained when the record was drained before. Unexplained ones are held back, and
/// stay visible, when they empty the set, or when they are two or more and exceed `hold_share` of
/// it within `hold_window`, until a list `confirm_after` later says the same. When the registry
/// lost its history all of them are held, until the record is put again or `hold_limit` is over.
class RecordView {
 public:
  RecordView(Query query, GuardOptions guard) : query_(std::move(query)), guard_(guard) {}

  /// Events up to revision() are dropped; the rest is applied whole.
  ViewEffect apply(const RecordsChanged& changed, TimePoint now);
  /// The list replaces what was known; `history_lost` when it belongs to another epoch.
  ViewEffect replace(const RecordsListed& listed, bool history_lost, TimePoint now);
  void advance_to(std::uint64_t revision) { revision_ = std::max(revision_, revision); }
  /// Lets go of what was held for `hold_limit`.
  ViewEffect expire(TimePoint now);

  /// When a list is needed, or expire() is, for what is held; TimePoint::max() if nothing is.
  TimePoint next_due() const;
  bool wants_list(TimePoint now) const;

  std::uint64_t revision() const { return revision_; }
  /// Sorted by instance id; where two share an id, the newer one.
  std::vector<InstancePtr> instances() const;
  /// Instance ids that are only held.
  std::vector<std::string> held() const;
  void clear();

 private:
  struct Held {
    Record record;
    TimePoint due;  ///< to be confirmed by a list from then on, or to be dropped then
    bool confirmable = false;
  };
  using Batch = std::map<std::string, Record>;  ///< removals that nothing explains, by key

  void put(const Record& record, Batch& gone, ViewEffect& effect);
  void remove(const std::string& key, Batch& gone, ViewEffect& effect);
  /// Keys that are known and not listed.
  std::vector<std::string> missing_from(std::vector<std::string_view> listed) const;
  void judge(Batch gone, bool history_lost, TimePoint now, ViewEffect& effect);

  Query query_;
  GuardOptions guard_;
  std::uint64_t revision_ = 0;
  KnownRecords records_;
  std::map<std::string, Held> held_;
  std::deque<TimePoint> unexplained_;  ///< removals of the last `hold_window`
};

}  // namespace brontes::detail
