#include <brontes/actors/log.hpp>
#include <brontes/actors/plumbing.hpp>
#include <brontes/discovery/resolver.hpp>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace brontes::detail {

/// Self -> self: the turn of the next subscribers to that query at that registry.
struct SpreadOn {
  std::string registry;
  Query query;
};

}  // namespace brontes::detail

BRONTES_MESSAGE(brontes::detail::SpreadOn)

namespace brontes {
namespace {

using LoopKey = std::pair<std::string, Query>;
using detail::SpreadOn;

constexpr const char* kResolverName = "discovery.resolver";
constexpr Duration kArchiveTimeout = std::chrono::seconds(3);

// Told in one go; then it is others' turn. A scheduler's queue that ten thousand enter at once
// takes long to steal from.
constexpr int kToldAtOnce = 128;

using ResolverSelf = Interface<Subscribed(Subscribe), void(Unsubscribe),
                               void(SnapshotChanged),  // so far Resolver
                               void(SpreadOn)>;

struct Seat {
  Subscriber subscriber;
  std::shared_ptr<SubscriberSlot> slot;
};

struct SharedLoop {
  std::uint64_t id = 0;
  OpenRegistry registry;
  WatchLoop loop;
  SnapshotPtr newest;  ///< null until there is something to tell
  bool kept = false;   ///< what is live goes to the archive
  SnapshotPtr told;    ///< of the loop, while the archive is asked for something better
  std::map<caf::actor_addr, Seat> seats;
  std::shared_ptr<const SnapshotStep> step;  ///< that is being spread; null when all have it
  std::optional<caf::actor_addr> reached;    ///< who was told of it last; none: nobody yet
  bool again = false;  ///< it took the place of another: who was told of that is told anew
};

bool is_known(const SnapshotPtr& snapshot) { return snapshot && snapshot->proven != TimePoint{}; }

/// A watch loop that could not ask yet knows nothing: what was known before stays.
SnapshotPtr still_known(const SnapshotPtr& known, const SnapshotPtr& told) {
  if (is_known(told) || !is_known(known)) return told;
  auto kept = std::make_shared<Snapshot>(*known);
  kept->status = told->status;
  kept->cause = told->cause;
  return kept;
}

class ResolverActor : public ResolverSelf::base {
 public:
  ResolverActor(caf::actor_config& config, System& system, std::shared_ptr<Registries> registries,
                const WatchLoopOptions& options, SnapshotArchive archive)
      : ResolverSelf::base(config),
        system_(system),
        registries_(std::move(registries)),
        options_(options),
        archive_(std::move(archive)) {}

  behavior_type make_behavior() override {
    on_down(this, [this](const caf::actor_addr& who, const caf::error& why) { ended(who, why); });
    return {
        [this](const Subscribe& wish) { return subscribe(wish); },
        [this](const Unsubscribe& wish) { unsubscribe(wish); },
        [this](const SnapshotChanged& changed) { note(changed); },
        [this](const SpreadOn& due) {
          spread_on({due.registry, due.query});
        },
    };
  }

  void on_exit() override {
    for (auto& [key, shared] : loops_) stop(shared.loop);
    loops_.clear();
    registries_.reset();
    archive_ = nullptr;
  }

 private:
  caf::result<Subscribed> subscribe(const Subscribe& wish) {
    const LoopKey key{wish.registry, wish.query};
    auto found = loops_.find(key);
    if (found == loops_.end()) {
      auto registry = registries_->open(wish.registry);
      if (!registry) return to_error(registry.error());
      found = loops_.emplace(key, SharedLoop{}).first;
      found->second.registry = std::move(*registry);
      start(found->second, key);
    }
    SharedLoop& shared = found->second;
    const auto [at, is_new] = shared.seats.try_emplace(wish.subscriber.address());
    if (!is_new) return Subscribed{};
    if (monitored_.insert(at->first).second) brontes::monitor(this, wish.subscriber);
    at->second = {wish.subscriber, std::make_shared<SubscriberSlot>(wish.registry, wish.query)};
    if (shared.newest) notify(at->second, std::make_shared<SnapshotStep>(nullptr, shared.newest));
    return Subscribed{};
  }

  void start(SharedLoop& shared, const LoopKey& key) {
    WatchLoopOptions options = options_;
    options.id = shared.id = ++last_id_;
    shared.kept = archive_ && is_worth_keeping(shared.registry.url);
    shared.told = nullptr;
    options.seed = options_.seed + last_id_;
    shared.loop = spawn_watch_loop(system_, shared.registry, key.second,
                                   caf::actor_cast<SnapshotSink>(this), options);
    brontes::monitor(this, shared.loop);
  }

  void unsubscribe(const Unsubscribe& wish) {
    const auto found = loops_.find({wish.registry, wish.query});
    if (found == loops_.end()) return;
    found->second.seats.erase(wish.subscriber.address());
    release_if_unused(found);
  }

  std::map<LoopKey, SharedLoop>::iterator release_if_unused(
      std::map<LoopKey, SharedLoop>::iterator it) {
    if (!it->second.seats.empty()) return std::next(it);
    stop(it->second.loop);
    if (it->second.kept)
      brontes::send(this, archive_, ReleaseSnapshot{it->second.registry.url, it->first.second});
    return loops_.erase(it);
  }

  /// A subscriber or a watch loop ended; the latter only by a fault, and it starts over.
  void ended(const caf::actor_addr& who, const caf::error& why) {
    monitored_.erase(who);
    for (auto it = loops_.begin(); it != loops_.end();) {
      if (it->second.loop.address() == who) {
        log_error(kResolverName, "watch loop failed query={} cause=\"{}\"",
                  it->first.second.to_string(), to_status(why).to_string());
        start(it->second, it->first);
      }
      it->second.seats.erase(who);
      it = release_if_unused(it);
    }
  }

  void note(const SnapshotChanged& changed) {
    for (auto& [key, shared] : loops_) {
      if (shared.id != changed.loop) continue;
      if (shared.kept && is_known(changed.snapshot))
        brontes::send(this, archive_, KeepSnapshot{shared.registry.url, changed.snapshot});
      const bool asks = shared.told != nullptr;
      if (shared.kept && !is_known(changed.snapshot) && (asks || !shared.newest)) {
        shared.told = changed.snapshot;
        if (!asks) look_on_disk(shared, key.second);
      } else {
        shared.told = nullptr;
        spread(key, shared, changed.snapshot);
      }
    }
  }

  /// Nothing is told before the answer: the first that is heard is the best there is.
  void look_on_disk(const SharedLoop& shared, const Query& query) {
    ask(this, archive_, kArchiveTimeout, RestoreSnapshot{shared.registry.url, query})
        .then([this,
               loop = shared.id](const SnapshotRestored& found) { restored(loop, found.snapshot); },
              [this, loop = shared.id](const caf::error& error) {
                log_warn(kResolverName,
                         "snapshots on disk not read next=\"wait for the registry\" "
                         "cause=\"{}\"",
                         to_status(error).to_string());
                restored(loop, nullptr);
              });
  }

  void restored(std::uint64_t loop, const SnapshotPtr& found) {
    for (auto& [key, shared] : loops_) {
      if (shared.id != loop || !shared.told) continue;  // the registry was quicker
      if (found) shared.newest = found;
      spread(key, shared, std::exchange(shared.told, nullptr));
    }
  }

  void spread(const LoopKey& key, SharedLoop& shared, const SnapshotPtr& told) {
    const SnapshotPtr before = std::exchange(shared.newest, still_known(shared.newest, told));
    shared.again = shared.step != nullptr;
    shared.step = std::make_shared<const SnapshotStep>(before, shared.newest);
    if (!shared.again) spread_on(key);
  }

  void spread_on(const LoopKey& key) {
    const auto found = loops_.find(key);
    if (found == loops_.end() || !found->second.step) return;
    SharedLoop& shared = found->second;
    auto at = shared.reached ? shared.seats.upper_bound(*shared.reached) : shared.seats.begin();
    for (int i = 0; i < kToldAtOnce && at != shared.seats.end(); ++i, ++at)
      notify(at->second, shared.step);
    if (at != shared.seats.end()) {
      shared.reached = std::prev(at)->first;
    } else {
      shared.reached.reset();
      if (!std::exchange(shared.again, false)) return shared.step.reset();
    }
    brontes::send(this, caf::actor_cast<ResolverSelf>(this), SpreadOn{key.first, key.second});
  }

  void notify(Seat& seat, const std::shared_ptr<const SnapshotStep>& step) {
    if (seat.slot->put(step)) tell(seat.subscriber, SnapshotReady{seat.slot});
  }

  System& system_;
  std::shared_ptr<Registries> registries_;
  WatchLoopOptions options_;
  SnapshotArchive archive_;
  std::uint64_t last_id_ = 0;
  std::map<LoopKey, SharedLoop> loops_;
  std::set<caf::actor_addr> monitored_;  ///< subscribers; each once, however often it subscribes
};

}  // namespace

Resolver spawn_resolver(System& system, std::shared_ptr<Registries> registries,
                        WatchLoopOptions options, SnapshotArchive archive) {
  return spawn_plumbing<ResolverActor>(system, "discovery.resolver", std::ref(system),
                                       std::move(registries), options, std::move(archive));
}

}  // namespace brontes
