// What a store with leases, revisions and history does, without actors and with time as an
// argument: the heart of the memory registry, and of `brontes registry`. The model is that of etcd.
#pragma once

#include <algorithm>
#include <brontes/actors/clock.hpp>
#include <brontes/discovery/registry.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brontes {

/// Keys from `begin` on, up to but not with `end`.
struct KeySpan {
  std::string begin = {};
  std::string end = {};  ///< "": see `open`
  bool open = false;     ///< no end: every key from `begin` on
  bool holds(std::string_view key) const {
    if (open) return key >= begin;
    return end.empty() ? key == begin : key >= begin && key < end;
  }
};

/// Values of type V, cheap to copy, by key. Revisions start at 1 and grow by one with each change;
/// changes made together() share one. Not thread-safe.
template <class V>
class RevisionStore {
 public:
  struct Entry {
    std::string key;
    V value;
    LeaseId lease;               ///< value 0: it stays until it is removed
    std::uint64_t created = 0;   ///< revision in which the key appeared
    std::uint64_t revision = 0;  ///< of its last change
    std::uint64_t version = 1;   ///< changes since it appeared, with that
  };
  using EntryPtr = std::shared_ptr<const Entry>;

  struct Change {
    std::uint64_t revision = 0;
    EntryPtr before;  ///< null: the key was not there
    EntryPtr after;   ///< null: it was removed
    const std::string& key() const { return (after ? after : before)->key; }
  };

  struct Lease {
    std::chrono::seconds ttl{};
    TimePoint deadline;
    std::set<std::string> keys;
  };

  /// Remembers that many changes; older ones are compacted.
  explicit RevisionStore(std::size_t history_limit) : history_limit_(history_limit) {}

  /// `wanted` must not be held; value 0: the next free one.
  LeaseId grant(std::chrono::seconds ttl, TimePoint now, LeaseId wanted = {}) {
    while (wanted.value == 0 || leases_.contains(wanted)) wanted.value = ++last_lease_;
    leases_.emplace(wanted, Lease{ttl, now + ttl, {}});
    deadlines_.emplace(now + ttl, wanted);
    return wanted;
  }
  /// Null: it is gone.
  const Lease* lease(LeaseId id) const {
    const auto found = leases_.find(id);
    return found == leases_.end() ? nullptr : &found->second;
  }
  const std::map<LeaseId, Lease>& leases() const { return leases_; }
  /// False: it is gone.
  bool renew(LeaseId id, TimePoint now) {
    const auto found = leases_.find(id);
    if (found == leases_.end()) return false;
    deadlines_.erase({found->second.deadline, id});
    found->second.deadline = now + found->second.ttl;
    deadlines_.emplace(found->second.deadline, id);
    return true;
  }
  /// Its entries leave together. False: it is gone.
  bool revoke(LeaseId id) {
    const auto found = leases_.find(id);
    if (found == leases_.end()) return false;
    const Lease ended = std::move(found->second);
    leases_.erase(found);
    deadlines_.erase({ended.deadline, id});
    together([&] {
      for (const std::string& key : ended.keys) remove(key);
    });
    return true;
  }
  /// Revokes the leases whose time is over.
  void lapse(TimePoint now) {
    while (!deadlines_.empty() && deadlines_.begin()->first <= now)
      revoke(deadlines_.begin()->second);
  }
  /// When the next lease lapses; TimePoint::max() without leases.
  TimePoint next_lapse() const {
    return deadlines_.empty() ? TimePoint::max() : deadlines_.begin()->first;
  }

  /// Null: not there.
  EntryPtr find(const std::string& key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : found->second;
  }
  std::size_t size() const { return entries_.size(); }

  /// The lease must be held, or 0. The revision of the change.
  std::uint64_t put(const std::string& key, V value, LeaseId lease) {
    const std::uint64_t revision = next_revision();
    const EntryPtr before = find(key);
    if (before) let_go(*before);
    if (const auto holder = leases_.find(lease); holder != leases_.end())
      holder->second.keys.insert(key);
    auto after = std::make_shared<const Entry>(Entry{key, std::move(value), lease,
                                                     before ? before->created : revision, revision,
                                                     before ? before->version + 1 : 1});
    entries_.insert_or_assign(key, after);
    note({revision, before, std::move(after)});
    return revision;
  }
  /// False: it was not there, which is no change.
  bool remove(const std::string& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return false;
    EntryPtr before = std::move(found->second);
    entries_.erase(found);
    let_go(*before);
    note({next_revision(), std::move(before), nullptr});
    return true;
  }
  /// What `changes` puts and removes shares one revision.
  template <class F>
  void together(F changes) {
    const bool outermost = !std::exchange(together_, true);
    changes();
    if (!outermost) return;
    together_ = false;
    shared_ = 0;
  }

  /// Calls f(entry) for the entries of the span, in order of their keys, until it answers false.
  template <class F>
  void for_each(const KeySpan& span, F f) const {
    const auto stop = end_of(span);
    for (auto at = entries_.lower_bound(span.begin); at != stop; ++at)
      if (!f(at->second)) return;
  }
  /// The entries of the span as they were at a revision that is not compacted.
  std::map<std::string, EntryPtr> at(std::uint64_t revision, const KeySpan& span) const {
    std::map<std::string, EntryPtr> view;
    for_each(span, [&](const EntryPtr& entry) {
      view.emplace_hint(view.end(), entry->key, entry);
      return true;
    });
    for (auto change = history_.rbegin(); change != history_.rend(); ++change) {
      if (change->revision <= revision) break;
      if (!span.holds(change->key())) continue;
      if (change->before)
        view.insert_or_assign(change->key(), change->before);
      else
        view.erase(change->key());
    }
    return view;
  }

  /// Calls f(change) for what came after the revision, in order, until it answers false. Nothing
  /// is missing if revision >= compacted().
  template <class F>
  void for_each_after(std::uint64_t revision, F f) const {
    auto at = std::partition_point(history_.begin(), history_.end(), [&](const Change& change) {
      return change.revision <= revision;
    });
    while (at != history_.end() && f(*at)) ++at;
  }

  /// Forgets the changes before the revision, and the removals in it; a put in it stays, but not
  /// what it replaced. That is etcd's way: what is there at the revision can still be told.
  void compact(std::uint64_t revision) {
    revision = std::min(revision, revision_);
    if (revision <= compacted_) return;
    compacted_ = revision;
    forgotten_ = std::max(forgotten_, revision - 1);
    auto end = history_.begin();
    while (end != history_.end() && end->revision < revision) ++end;
    history_.erase(history_.begin(), end);
    for (auto at = history_.begin(); at != history_.end() && at->revision == revision;) {
      at->before = nullptr;
      at = at->after ? std::next(at) : history_.erase(at);
    }
  }
  /// Forgets everything and begins at revision 1. Lease ids go on: an old one never means a new
  /// one.
  void wipe() {
    RevisionStore empty(history_limit_);
    empty.last_lease_ = last_lease_;
    *this = std::move(empty);
  }

  std::uint64_t revision() const { return revision_; }
  /// Entries as they were here, and all changes after it, are known; before it they are not.
  std::uint64_t compacted() const { return compacted_; }
  /// Of changes up to here nothing is known: compacted(), or one less.
  std::uint64_t forgotten() const { return forgotten_; }

 private:
  /// The first entry behind the span.
  auto end_of(const KeySpan& span) const {
    if (span.open) return entries_.end();
    if (span.end.empty()) return entries_.upper_bound(span.begin);
    return span.end < span.begin ? entries_.lower_bound(span.begin)
                                 : entries_.lower_bound(span.end);
  }
  std::uint64_t next_revision() {
    if (!together_) return ++revision_;
    if (shared_ == 0) shared_ = ++revision_;
    return shared_;
  }
  void let_go(const Entry& entry) {
    if (const auto holder = leases_.find(entry.lease); holder != leases_.end())
      holder->second.keys.erase(entry.key);
  }
  void note(Change change) {
    history_.push_back(std::move(change));
    // A revision is forgotten whole, so that what is replayed is whole.
    while (history_.size() > history_limit_) {
      compacted_ = forgotten_ = history_.front().revision;
      while (!history_.empty() && history_.front().revision == compacted_) history_.pop_front();
    }
  }

  std::size_t history_limit_;
  std::uint64_t revision_ = 1;
  std::uint64_t compacted_ = 0;
  std::uint64_t forgotten_ = 0;
  std::uint64_t shared_ = 0;  ///< the revision of what happens together; 0: no change so far
  bool together_ = false;
  std::int64_t last_lease_ = 0;
  std::map<std::string, EntryPtr> entries_;
  std::map<LeaseId, Lease> leases_;
  std::set<std::pair<TimePoint, LeaseId>> deadlines_;
  std::deque<Change> history_;
};

}  // namespace brontes
