// This process's own record in a registry, as whoever announced it sees it.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/discovery/instance.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>

namespace brontes {

/// What happened to an announced record.
struct AnnouncementEvent {
  enum class Type {
    kRegistered,    ///< it is there for the first time
    kLost,          ///< it is gone from the registry; registering again goes on without end
    kReregistered,  ///< it is back, after `gap`
    kConflict,      ///< a newer process holds the same instance id; tried again every ttl
    kDeregistered,  ///< it was withdrawn; the last event
  };
  Type type = Type::kRegistered;
  Instance instance;
  std::string key;         ///< in the registry: "name/version/id"
  std::int64_t lease = 0;  ///< 0 where there is none
  Duration gap{};          ///< of kReregistered: since it was lost
  Status cause;  ///< of kLost, kConflict, and kDeregistered when it could not be confirmed
};

/// Runs on a thread of the actor pool, one at a time: must not block or throw.
using AnnouncementCallback = std::function<void(const AnnouncementEvent&)>;

struct AnnounceOptions {
  std::chrono::seconds ttl{15};  ///< the record vanishes this long after the process died; >= 2 s
  AnnouncementCallback on_event = {};
};

/// Called once, on a thread of the actor pool.
using Completion = std::function<void(Status)>;

/// Thread-safe, movable. Every operation completes: when the registry confirmed it, or with
/// kDeadlineExceeded after `limit`, while trying goes on behind it.
class Announcement {
 public:
  Announcement();
  Announcement(Announcement&&) noexcept;
  Announcement& operator=(Announcement&&) noexcept;
  /// Withdraws, without waiting.
  ~Announcement();

  /// As it was last written or is to be written next.
  Instance instance() const;

  /// Changes the record: weight, tags, metadata, healthy. Name, version and id stay
  /// (kInvalidArgument).
  void update(Instance instance, Duration limit, Completion done);
  /// healthy = false: consumers stop picking it. Goes on being renewed.
  void drain(Duration limit, Completion done);
  /// Removes the record; consumers see it leave at once. Idempotent.
  void withdraw(Duration limit, Completion done);

  /// For code outside of actors, which may wait.
  std::future<Status> drain(Duration limit = std::chrono::seconds(2));
  std::future<Status> withdraw(Duration limit = std::chrono::seconds(2));

  /// As if the process died: nothing is told to the registry, the lease is renewed no more and
  /// lapses after its ttl. Takes with it whatever the same Discovery announced with the same ttl.
  void abandon();

 private:
  friend class Discovery;
  struct State;
  explicit Announcement(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace brontes
