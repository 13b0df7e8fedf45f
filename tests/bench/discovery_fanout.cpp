#include <algorithm>
#include <atomic>
#include <brontes/actors/caf.hpp>
#include <brontes/discovery/discovery_actors.hpp>
#include <semaphore>
#include <thread>
#include <vector>

#include "discovery_cases.hpp"
#include "discovery_watcher.hpp"

namespace {

struct Nudge {};

}  // namespace

BRONTES_MESSAGE(Nudge)

namespace brontes::bench {
namespace {

/// When each of many was told. Nobody is woken but by the last: measuring must cost them nothing.
class Roll {
 public:
  explicit Roll(int count) : at_(count), missing_(count) {}

  void note(int who) {
    at_[who] = now();
    if (--missing_ == 0) all_.release();
  }
  void wait() {
    if (!all_.try_acquire_for(kHang)) give_up("not all were told");
  }
  /// From the first to the last.
  Duration spread() const {
    const auto [first, last] = std::minmax_element(at_.begin(), at_.end());
    return *last - *first;
  }

 private:
  std::vector<TimePoint> at_;
  std::atomic<int> missing_;
  std::binary_semaphore all_{0};
};

class Nudged : public Interface<void(Nudge)>::base {
 public:
  Nudged(caf::actor_config& config, Roll& roll, int number)
      : Interface<void(Nudge)>::base(config), roll_(roll), number_(number) {}
  behavior_type make_behavior() override {
    return {[this](Nudge) { roll_.note(number_); }};
  }

 private:
  Roll& roll_;
  const int number_;
};

class Nudger : public Interface<void(Nudge)>::base {
 public:
  Nudger(caf::actor_config& config, const std::vector<Interface<void(Nudge)>>& all)
      : Interface<void(Nudge)>::base(config), all_(all) {}
  behavior_type make_behavior() override {
    return {[this](Nudge) {
      for (const auto& one : all_) tell(one, Nudge{});
    }};
  }

 private:
  const std::vector<Interface<void(Nudge)>>& all_;
};

/// An actor that subscribes by itself, as load balancers do.
class Listener : public Subscriber::base {
 public:
  Listener(caf::actor_config& config, Roll& known, Roll& told, int number)
      : Subscriber::base(config), known_(known), told_(told), number_(number) {}
  behavior_type make_behavior() override {
    return {[this](const SnapshotReady& ready) {
      const auto event = ready.take();
      if (!event) return;
      const std::size_t size = event->snapshot->instances.size();
      if (size == 10) known_.note(number_);
      if (size == 11) told_.note(number_);
    }};
  }

 private:
  Roll &known_, &told_;
  const int number_;
};

std::uint32_t weight_of_first(const DiscoveryEvent& event) {
  const auto& all = event.snapshot->instances;
  return all.empty() ? 0 : all.front()->weight;
}

Instance first(std::uint32_t weight) {
  Instance result = instance(0);
  result.weight = weight;
  return result;
}

}  // namespace

void fanout(int count) {
  Store store;
  store.fill(10);
  System system;
  Discovery discovery(system, {.registry = store.url()});
  Roll known(count), told(count);
  std::vector<Subscription> all;
  for (int i = 0; i < count; ++i) {
    auto made = discovery.subscribe(Query{"svc", "v1"}, [&, i](const DiscoveryEvent& event) {
      const std::size_t size = event.snapshot->instances.size();
      if (size == 10 && event.change.added.size() == 10) known.note(i);
      if (size == 11) told.note(i);
    });
    if (!made) give_up(made.error().to_string());
    all.push_back(std::move(*made));
  }
  known.wait();
  store.put(instance(10));
  told.wait();
  std::printf("{\"ms\": %.3f}\n", ms(told.spread()));
}

void actor_fanout(int count) {
  Store store;
  store.fill(10);
  System system;
  Discovery discovery(system, {.registry = store.url()});
  Roll known(count), told(count);
  std::vector<Subscriber> all;
  for (int i = 0; i < count; ++i) {
    all.push_back(system.caf().spawn<Listener>(std::ref(known), std::ref(told), i));
    tell(discovery.actors().resolver, Subscribe{store.url(), {"svc", "v1"}, all.back()});
  }
  known.wait();
  store.put(instance(10));
  told.wait();
  std::printf("{\"ms\": %.3f}\n", ms(told.spread()));
  for (const auto& one : all) stop(one);
}

void bare_fanout(int count) {
  System system;
  Roll roll(count);
  std::vector<Interface<void(Nudge)>> all;
  for (int i = 0; i < count; ++i) all.push_back(system.caf().spawn<Nudged>(std::ref(roll), i));
  const auto nudger = system.caf().spawn<Nudger>(std::cref(all));
  tell(nudger, Nudge{});
  roll.wait();
  std::printf("{\"ms\": %.3f}\n", ms(roll.spread()));
  for (const auto& one : all) stop(one);
  stop(nudger);
}

void stalled(int count) {
  constexpr int kInstances = 10'000, kWarm = 20, kChanges = 100;
  Store store;
  store.fill(kInstances);
  System system({.threads = std::thread::hardware_concurrency() + 1});  // one of them is taken
  Discovery discovery(system, {.registry = store.url()});
  std::binary_semaphore leave(0);
  std::atomic<bool> entered{false};
  std::atomic<int> behind{0};
  std::atomic<std::uint32_t> wanted{0};
  std::binary_semaphore all_told(0);
  std::vector<Subscription> all;
  for (int i = 0; i < count; ++i) {
    auto made = discovery.subscribe(Query{"svc", "v1"}, [&, i](const DiscoveryEvent& event) {
      if (event.snapshot->instances.size() < kInstances) return;
      if (i == 0 && !entered.exchange(true)) leave.acquire();
      if (i != 0 && weight_of_first(event) == wanted && --behind == 0) all_told.release();
    });
    if (!made) give_up(made.error().to_string());
    all.push_back(std::move(*made));
  }
  double before = 0;
  for (std::uint32_t change = 1; change <= kWarm + kChanges; ++change) {
    if (change == kWarm + 1) before = resident_bytes();
    behind = count - 1;
    wanted = 1000 + change;
    store.put(first(wanted));
    if (!all_told.try_acquire_for(kHang)) give_up("the others wait for the one that stands still");
  }
  const double grown = resident_bytes() - before;
  leave.release();
  std::printf("{\"kb\": %.1f, \"stood_still\": %d}\n", std::max(grown, 0.0) / 1024,
              entered ? 1 : 0);
}

}  // namespace brontes::bench
