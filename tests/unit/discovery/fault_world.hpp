// A memory registry, processes that are registered in it, and others that look, each through a gate
// of its own; under virtual time, for one seed. The rows of docs/testing-faults.md are played in
// it.
#pragma once

#include <brontes/actors/testkit/gtest.hpp>
#include <brontes/discovery/lease_keeper.hpp>
#include <brontes/discovery/registries/memory_registry.hpp>
#include <brontes/discovery/testkit/registry_gate.hpp>
#include <brontes/discovery/watch_loop.hpp>
#include <cstdio>
#include <deque>
#include <random>
#include <set>
#include <string>

namespace brontes::testing {

inline constexpr std::chrono::seconds kTtl{6};                      // T
inline constexpr Duration kPeriod = kTtl / 3;                       // K, of renewals
inline constexpr Duration kElection = std::chrono::seconds(1);      // E
inline constexpr Duration kWindow = std::chrono::milliseconds(50);  // C, of coalescing
inline constexpr int kSeeds = 20;

inline Instance instance(const std::string& id, std::uint64_t born = 1000) {
  Instance result;
  result.name = "svc";
  result.instance_id = id;
  result.address = "10.0.0.7:80";
  result.metadata["brontes.incarnation"] = std::to_string(born);
  return result;
}

/// What a consumer was told.
struct Seen {
  SnapshotPtr newest = std::make_shared<const Snapshot>();
  int snapshots = 0;
  bool ordered = true;             ///< revisions grow in an epoch, epochs always
  std::set<std::string> removed;   ///< ids that ever left
  std::set<std::string> snatched;  ///< of these, those that were not drained before
  std::set<std::string> held;      ///< ids that were ever doubted
  std::set<std::size_t> sizes;     ///< of the set, at any time
  TimePoint stale_since{};         ///< of the last time that it was told to be stale

  bool is(SnapshotStatus status, std::size_t size) const {
    return newest->status == status && newest->instances.size() == size;
  }
};

class SpectatorActor final : public SnapshotSink::base {
 public:
  SpectatorActor(caf::actor_config& config, std::shared_ptr<Seen> seen)
      : SnapshotSink::base(config), seen_(std::move(seen)) {}

  behavior_type make_behavior() override {
    return {[this](const SnapshotChanged& changed) {
      const Snapshot &before = *seen_->newest, &now = *changed.snapshot;
      if (now.epoch < before.epoch || (now.epoch == before.epoch && now.revision < before.revision))
        seen_->ordered = false;
      for (const auto& gone : brontes::difference(before.instances, now.instances).removed) {
        seen_->removed.insert(gone->instance_id);
        if (gone->healthy) seen_->snatched.insert(gone->instance_id);
      }
      if (now.status == SnapshotStatus::kStale) seen_->stale_since = brontes::now(this);
      seen_->held.insert(now.held.begin(), now.held.end());
      seen_->sizes.insert(now.instances.size());
      ++seen_->snapshots;
      seen_->newest = changed.snapshot;
    }};
  }

 private:
  std::shared_ptr<Seen> seen_;
};

/// A process that looks.
struct Consumer {
  std::shared_ptr<GateTraffic> traffic = std::make_shared<GateTraffic>();
  std::shared_ptr<Seen> seen = std::make_shared<Seen>();
  RegistryGate gate;
  WatchLoop loop;
  const Seen* operator->() const { return seen.get(); }
};

/// A process that is registered, with one record as long as nobody gives it more.
struct Provider {
  Instance record;
  std::shared_ptr<GateTraffic> traffic = std::make_shared<GateTraffic>();
  RegistryGate gate;
  LeaseKeeper keeper;
  Probe<AnnouncementListener> listener;

  /// How often that happened since the last look.
  int count(AnnouncementEvent::Type type) {
    int count = 0;
    while (listener.has<AnnouncementEvent>())
      count += listener.expect<AnnouncementEvent>()->type == type ? 1 : 0;
    return count;
  }
};

class FaultWorld : public Scenario {
 public:
  explicit FaultWorld(int seed, MemoryRegistryOptions options = {})
      : memory(spawn_memory_registry(system(), options)),
        random_(static_cast<std::uint32_t>(seed)) {}
  ~FaultWorld() {
    for (const Provider& one : providers) stop(one.keeper);
    for (const Consumer& one : consumers) stop(one.loop);
    stop(memory);
    run();
  }

  /// `rules` hold from its first question on.
  Provider& provide(const std::string& id, std::uint64_t born = 1000, const GateRules& rules = {}) {
    providers.push_back({instance(id, born),
                         std::make_shared<GateTraffic>(),
                         {},
                         {},
                         probe<AnnouncementListener>("listener of " + id)});
    Provider& one = providers.back();
    one.gate = spawn<RegistryGateActor>(Registry(memory), one.traffic);
    tell(one.gate, rules);
    LeaseKeeperOptions options;
    options.ttl = kTtl;
    options.seed = random_();
    one.keeper = spawn_lease_keeper(system(), {"memory:", one.gate, {}, nullptr}, options);
    tell(one.keeper, AnnounceRecord{one.record, one.listener.handle()});
    return one;
  }
  void provide_many(int count) {
    for (int i = 0; i < count; ++i) provide("p" + std::to_string(i));
  }
  Consumer& consume(const GateRules& rules = {}) {
    Consumer& one = consumers.emplace_back();
    one.gate = spawn<RegistryGateActor>(Registry(memory), one.traffic);
    tell(one.gate, rules);
    WatchLoopOptions options;
    options.seed = random_();
    one.loop = spawn_watch_loop(system(), {"memory:", one.gate, {}, nullptr}, Query{"svc"},
                                spawn<SpectatorActor>(one.seen), options);
    run();
    return one;
  }

  std::uint32_t pick(std::uint32_t below) { return random_() % below; }
  Duration upto(Duration limit) { return limit * pick(1'000'001) / 1'000'000; }
  /// The fault that follows strikes anywhere in a renewal period.
  void any_phase() { advance(kTtl + upto(kPeriod)); }

  /// How long it takes until that is so, looked at every `step`; a failure if it never is.
  template <class F>
  Duration until(F is_so, Duration step = std::chrono::milliseconds(5)) {
    const TimePoint begin = now();
    for (run(); !is_so(); advance(step)) {
      if (now() - begin < std::chrono::minutes(2)) continue;
      ADD_FAILURE() << "it never comes";
      break;
    }
    return now() - begin;
  }

  /// What stands in the registry, asked past all gates.
  RecordsListed registry() {
    asker.tell(memory, ListRecords{{"svc"}});
    return *asker.expect<RecordsListed>();
  }
  std::size_t registered() { return registry().records.size(); }
  LeaseId lease_of(const Provider& provider) {
    auto who = probe<LeaseKeeper>("whoever asks");
    who.tell(provider.keeper, DescribeLease{});
    return who.expect<LeaseDescription>()->lease;
  }
  void expire(const Provider& provider) { tell(memory, ExpireLease{lease_of(provider)}); }
  void remove(const Provider& provider) {
    asker.tell(memory, RemoveRecord{lease_of(provider), record_key(provider.record)});
    asker.expect<Done>();
  }
  /// As an operator does: under a lease of nobody here.
  void put(const Instance& record) {
    if (operators_.value == 0) {
      asker.tell(memory, GrantLease{std::chrono::hours(24)});
      operators_ = asker.expect<LeaseGranted>()->lease;
    }
    asker.tell(memory, PutRecord{operators_, record});
    asker.expect<RecordPut>();
  }
  void remove(const Instance& record) {
    asker.tell(memory, RemoveRecord{operators_, record_key(record)});
    asker.expect<Done>();
  }
  void lose_operator() { operators_ = {}; }
  /// As a kill -9 of the process.
  void crash(const Provider& provider) { stop(provider.keeper); }

  void rule_all(const GateRules& rules) {
    for (const Provider& one : providers) tell(one.gate, rules);
    for (const Consumer& one : consumers) tell(one.gate, rules);
  }
  /// Nobody is there; leases stand still, as those of an etcd do that is down or has no leader.
  void begin_outage() {
    tell(memory, SetFaults{.frozen_leases = true});
    rule_all({.refuse = true});
  }
  /// A new leader, or an etcd that was started again, begins with all leases renewed.
  void end_outage() { rule_all({}); }
  void thaw_leases() { tell(memory, SetFaults{}); }

  MemoryRegistry memory;
  Probe<Registry> asker = probe<Registry>("asker");
  std::deque<Provider> providers;
  std::deque<Consumer> consumers;

 private:
  std::mt19937 random_;
  LeaseId operators_;
};

/// Plays a row with every seed; `figure(world)` is what it measures, and must not exceed the bound.
template <class F>
void play(const char* row, Duration bound, F figure, MemoryRegistryOptions options = {}) {
  const auto ms = [](Duration time) {
    return static_cast<long long>(
        std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
  };
  std::vector<Duration> figures;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(std::string(row) + ", seed " + std::to_string(seed));
    FaultWorld world(seed, options);
    figures.push_back(figure(world));
    EXPECT_LE(ms(figures.back()), ms(bound));
  }
  std::sort(figures.begin(), figures.end());
  std::printf("%s: bound %lld ms, median %lld, max %lld\n", row, ms(bound),
              ms(figures[figures.size() / 2]), ms(figures.back()));
}

}  // namespace brontes::testing
