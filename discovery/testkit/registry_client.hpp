// A registry, asked from outside of actors: it waits for each answer, and for what a watch says.
// For tests, on a System with threads.
#pragma once

#include <brontes/actors/caf.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/discovery/registry.hpp>
#include <chrono>
#include <condition_variable>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace brontes {

namespace detail {
/// Asks once; the reply of RevokeLease and RemoveRecord is void.
template <class Reply, class Message>
class Asking final : public caf::event_based_actor {
 public:
  Asking(caf::actor_config& config, Registry registry, Message message, Duration patience,
         std::shared_ptr<std::promise<Expected<Reply>>> promise)
      : caf::event_based_actor(config),
        registry_(std::move(registry)),
        message_(std::move(message)),
        patience_(patience),
        promise_(std::move(promise)) {}

  caf::behavior make_behavior() override {
    const auto failed = [promise = promise_](const caf::error& error) {
      promise->set_value(fail(to_status(error)));
    };
    if constexpr (std::is_void_v<Reply>)
      ask(this, registry_, patience_, message_)
          .then([promise = promise_] { promise->set_value({}); }, failed);
    else
      ask(this, registry_, patience_, message_)
          .then([promise = promise_](Reply& reply) { promise->set_value(std::move(reply)); },
                failed);
    return {};
  }

 private:
  Registry registry_;
  Message message_;
  Duration patience_;
  std::shared_ptr<std::promise<Expected<Reply>>> promise_;
};
}  // namespace detail

/// What a watcher was told, and what it knows from that.
struct Seen {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<RecordEvent> events;
  std::map<std::string, InstancePtr> view;  ///< by key
  std::uint64_t revision = 0;
  bool broken = false;
  Status cause;
  std::vector<std::string> violations;  ///< of order, uniqueness, completeness
};

/// Belongs to one thread, which is none of the System's. To be destroyed before the System.
class RegistryClient {
 public:
  /// So long it waits for anything; then it is an error.
  static constexpr Duration kPatience = std::chrono::seconds(30);

  RegistryClient(System& system, Registry registry)
      : system_(system), registry_(std::move(registry)) {}
  ~RegistryClient() { stop_watching(); }
  RegistryClient(const RegistryClient&) = delete;
  RegistryClient& operator=(const RegistryClient&) = delete;

  template <class Reply, class Message>
  Expected<Reply> ask(Message message) {
    auto promise = std::make_shared<std::promise<Expected<Reply>>>();
    system_.caf().spawn<detail::Asking<Reply, Message>>(registry_, std::move(message), kPatience,
                                                        promise);
    return promise->get_future().get();
  }

  Expected<LeaseGranted> grant(std::chrono::seconds ttl = std::chrono::seconds(60)) {
    return ask<LeaseGranted>(GrantLease{ttl});
  }
  Expected<RecordPut> put(LeaseId lease, const Instance& instance) {
    return ask<RecordPut>(PutRecord{lease, instance});
  }
  Expected<LeaseRenewed> renew(LeaseId lease) { return ask<LeaseRenewed>(RenewLease{lease}); }
  Expected<void> revoke(LeaseId lease) { return ask<void>(RevokeLease{lease}); }
  Expected<void> remove(LeaseId lease, const std::string& key) {
    return ask<void>(RemoveRecord{lease, key});
  }
  Expected<RecordsListed> list(const Query& query) {
    return ask<RecordsListed>(ListRecords{query});
  }

  /// Ends the watch that there is, and begins one with an empty view.
  Expected<WatchStarted> watch(const Query& query, std::uint64_t after);
  /// Goes on from what was seen last.
  Expected<WatchStarted> resume(const Query& query);
  void stop_watching();

  /// Blocks until it holds, under the lock; false after kPatience.
  template <class F>
  bool wait_until(F holds) {
    std::unique_lock lock(seen_->mutex);
    return seen_->changed.wait_for(lock, kPatience, [&] { return holds(*seen_); });
  }
  /// Takes the events so far, of which there are at least so many (or none within kPatience).
  std::vector<RecordEvent> events(std::size_t least);
  /// Why the watch broke; OK if it does not within kPatience.
  Status why_broken();
  std::vector<std::string> violations();

 private:
  Expected<WatchStarted> start(const Query& query, std::uint64_t after);

  System& system_;
  Registry registry_;
  std::shared_ptr<Seen> seen_ = std::make_shared<Seen>();
  Watcher watcher_;
  WatchId watch_;
};

/// A record: at 127.0.0.1:80, of an incarnation.
Instance sample_instance(const std::string& id, const std::string& name = "svc",
                         const std::string& version = "", std::uint64_t born = 1);

}  // namespace brontes
