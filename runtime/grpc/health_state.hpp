// What this process says about itself through grpc.health.v1.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace brontes {

/// One per process is usual; several doors may share it. Starts empty: "" (the server as a whole)
/// is known and not serving. Thread-safe. What it says never passes the interceptor chain, so
/// neither an authentication nor a rate limit can make a probe fail.
class HealthState {
 public:
  /// Somebody who wants to know of changes. `changed` runs on the thread that changed the state, or
  /// on the one that subscribes; it reads the state itself and must not block.
  class Watcher {
   public:
    virtual ~Watcher() = default;
    virtual void changed() = 0;
  };

  /// `service` is a full name ("orders.v1.Orders"), or "" for the server as a whole.
  void set(const std::string& service, bool serving);

  /// Every service that is known, "" too.
  void set_all_not_serving();

  /// Nothing: a service that nobody has spoken of; Check answers NOT_FOUND for it, Watch
  /// SERVICE_UNKNOWN.
  std::optional<bool> serving(const std::string& service) const;

  /// What is known of every service; "" comes first.
  std::map<std::string, bool> all() const;

  /// Ends the Watch calls (UNAVAILABLE: "the server is going away"), and those still to come after
  /// their first answer. A door that drains does it: they would never end by themselves.
  void end_watches();
  bool watches_ended() const;

  /// Held weakly; forgotten when it goes.
  void subscribe(const std::shared_ptr<Watcher>& watcher);

 private:
  void tell_watchers();

  mutable std::mutex mutex_;
  std::map<std::string, bool> services_{{"", false}};
  bool watches_ended_ = false;
  std::vector<std::weak_ptr<Watcher>> watchers_;
};

}  // namespace brontes
