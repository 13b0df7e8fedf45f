// What an actor decided, for everybody to read without asking it: an immutable snapshot that is
// replaced whole. How it works and what it costs: docs/adr/0012-published-snapshots.md.
#pragma once

#include <brontes/actors/detail/snapshot_hub.hpp>
#include <memory>
#include <utility>

namespace brontes {

/// Holds the newest value. Thread-safe: any thread publishes and reads; its destruction is not.
///
/// An old value is destroyed as soon as nobody holds a share of it or is in the middle of reading
/// it, by whoever is last: the publishing or a reading thread. A thread that only read it once
/// keeps nothing.
template <class T>
class Published {
 public:
  /// Never null, here and in publish().
  explicit Published(std::shared_ptr<const T> first = std::make_shared<const T>())
      : hub_(std::make_shared<detail::SnapshotHub>(std::move(first))) {}
  ~Published() { hub_->retire(); }
  Published(const Published&) = delete;
  Published& operator=(const Published&) = delete;

  /// Takes microseconds: it interrupts the cores that run this process. Coalesce before.
  void publish(std::shared_ptr<const T> value) { hub_->publish(std::move(value)); }

  /// A share of the newest value, under a lock: for keeping it.
  std::shared_ptr<const T> get() const { return std::static_pointer_cast<const T>(hub_->get()); }

  /// Reads in place, for the duration of `f(const T&)`; a few nanoseconds. `f` may read and publish
  /// as it likes, also this one: a nested read sees the value of the outer one.
  template <class F>
  decltype(auto) read(F&& f) const {
    const Visit visit(*hub_);
    if (visit.slot == nullptr) [[unlikely]]  // in a destructor of a thread_local
      return std::forward<F>(f)(*get());
    return std::forward<F>(f)(*static_cast<const T*>(visit.slot->raw));
  }

 private:
  struct Visit {
    explicit Visit(detail::SnapshotHub& hub) : hub(hub), slot(hub.enter()) {}
    ~Visit() {
      if (slot != nullptr) hub.leave(*slot);
    }
    Visit(const Visit&) = delete;
    detail::SnapshotHub& hub;
    detail::SnapshotSlot* slot;
  };

  std::shared_ptr<detail::SnapshotHub> hub_;
};

}  // namespace brontes
