// The fault matrix, rows of watches: what a consumer sees when its registry forgets, restarts, is
// wiped or is very busy. Figures are virtual time; docs/testing-faults.md has the table.
#include <brontes/discovery/resolver.hpp>

#include "fault_world.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;

/// Whether the consumer knows what the registry has.
bool agrees(FaultWorld& world, const Consumer& eye) {
  const auto records = world.registry().records;
  if (!eye->is(SnapshotStatus::kLive, records.size())) return false;
  for (std::size_t i = 0; i < records.size(); ++i)
    if (*eye->newest->instances[i] != *records[i].instance) return false;
  return true;
}
Duration until_agreed(FaultWorld& world, const Consumer& eye, Duration step = 5ms) {
  return world.until([&] { return agrees(world, eye); }, step);
}

void fill(FaultWorld& world, int count) {
  for (int i = 0; i < count; ++i) world.put(instance("r" + std::to_string(i)));
}

/// A consumer that knows of 200 records is cut off for a minute, so that it tries ever more seldom.
Consumer& cut_off(FaultWorld& world) {
  fill(world, 200);
  Consumer& eye = world.consume();
  world.advance(1s);
  world.tell(eye.gate, GateRules{.refuse = true});
  world.advance(1min + world.upto(3s));
  return eye;
}
/// From the first attempt that finds the registry again.
Duration until_agreed_after_contact(FaultWorld& world, const Consumer& eye) {
  const auto before = eye.traffic->questions.size();
  world.tell(eye.gate, GateRules{});
  world.until([&] { return eye.traffic->questions.size() > before; });
  return until_agreed(world, eye);
}

TEST(FaultWatchRows, F21AfterACompactionTheListComesAtOnceAndOnlyTheDifferenceShows) {
  play("F21", 1s, [](FaultWorld& world) {
    Consumer& eye = cut_off(world);
    for (int i = 0; i < 1000; ++i) world.put(instance("n" + std::to_string(i % 50), 1000 + i));
    world.tell(world.memory, CompactHistory{});
    const auto epoch = eye->newest->epoch;
    const int lists = eye.traffic->lists;
    const Duration took = until_agreed_after_contact(world, eye);
    EXPECT_EQ(eye.traffic->lists, lists + 1);
    EXPECT_EQ(eye->newest->epoch, epoch);
    EXPECT_EQ(eye->removed.size(), 0u);
    return took;
  });
}

TEST(FaultWatchRows, F22ARemovalAtTheCompactedRevisionIsSeen) {
  play("F22", 1s, [](FaultWorld& world) {
    Consumer& eye = cut_off(world);
    world.remove(instance("r7"));
    world.tell(world.memory, CompactHistory{});
    const Duration phantom = until_agreed_after_contact(world, eye);
    EXPECT_EQ(eye->removed, std::set<std::string>{"r7"});
    return phantom;
  });
}

TEST(FaultWatchRows, F23WhatHappensBetweenListAndWatchIsNotLost) {
  play("F23", 2s + kWindow, [](FaultWorld& world) {
    fill(world, 100);
    Consumer& eye = world.consume({.before_watch = 2s});
    EXPECT_EQ(eye->newest->instances.size(), 100u);
    world.advance(world.upto(1s));
    for (int i = 0; i < 20; ++i) world.remove(instance("r" + std::to_string(i)));
    for (int i = 0; i < 50; ++i) world.put(instance("n" + std::to_string(i)));
    EXPECT_EQ(eye.traffic->lists, 1);
    return until_agreed(world, eye);
  });
}

TEST(FaultWatchRows, F24FiftyRestartsThatKeepTheDataLoseNothing) {
  play("F24", 3500ms, [](FaultWorld& world) {
    world.provide_many(3);
    Consumer& eye = world.consume();
    world.any_phase();
    Duration longest{};
    for (int round = 0; round < 50; ++round) {
      world.begin_outage();
      world.advance(3s);
      world.put(instance("x", 1000 + round));
      world.end_outage();
      longest = std::max(longest, until_agreed(world, eye, 50ms));
    }
    world.advance(kTtl + kElection);  // for so long an etcd that starts again gives everybody
    world.thaw_leases();
    world.advance(2 * kTtl);
    EXPECT_EQ(eye->removed.size(), 0u);
    EXPECT_TRUE(eye->ordered);
    return longest;
  });
}

TEST(FaultWatchRows, F25AWipeIsSeenAtOnceRemovesNobodyAndEverybodyIsBack) {
  play("F25", kPeriod + 2500ms, [](FaultWorld& world) {
    world.provide_many(5);
    Consumer& eye = world.consume();
    world.any_phase();
    const auto epoch = eye->newest->epoch;
    world.tell(world.memory, WipeRegistry{});
    EXPECT_LE(world.until([&] { return eye->newest->epoch > epoch; }), 1s);
    const Duration took = world.until([&] { return world.registered() == 5; });
    world.until([&] { return eye->newest->held.empty(); });
    EXPECT_EQ(eye->removed.size(), 0u);
    EXPECT_TRUE(agrees(world, eye));
    return took;
  });
}

TEST(FaultWatchRows, F25TheOneThatComesBackLastAfterAWipeIsNotRemoved) {
  play("F25, one late", kPeriod + 2500ms, [](FaultWorld& world) {
    world.provide_many(4);
    world.any_phase();
    Consumer& eye = world.consume();
    world.tell(eye.gate, GateRules{.refuse = true});
    Provider& late = world.providers[world.pick(4)];
    world.inject(Fault::pause(kPeriod), late.keeper);
    world.tell(world.memory, WipeRegistry{});
    world.until([&] { return world.registered() == 3; });
    world.tell(eye.gate, GateRules{});
    const Duration took = world.until([&] { return world.registered() == 4; });
    world.until([&] { return agrees(world, eye) && eye->newest->held.empty(); });
    EXPECT_EQ(eye->removed.size(), 0u);
    return took;
  });
}

TEST(FaultWatchRows, F26AnOlderStateThatIsRestoredIsFollowed) {
  play("F26", kPeriod + 3s, [](FaultWorld& world) {
    world.provide_many(3);
    Consumer& eye = world.consume();
    world.any_phase();
    const auto saved = world.registry().records;
    for (int i = 0; i < 500; ++i) world.put(instance("n" + std::to_string(i % 20), 1000 + i));
    world.advance(1s);
    world.tell(world.memory, WipeRegistry{});
    world.lose_operator();
    for (const Record& record : saved) world.put(*record.instance);
    const Duration took = world.until([&] {
      bool all = true;  // as their owners wish, and under their leases
      for (Provider& one : world.providers) all = all && one.traffic->grants == 2;
      return all && world.registered() == 3;
    });
    world.until([&] { return eye->newest->held.empty() && agrees(world, eye); });
    EXPECT_TRUE(eye->ordered);
    for (const Provider& one : world.providers)
      EXPECT_FALSE(eye->removed.contains(one.record.instance_id));
    return took;
  });
}

TEST(FaultWatchRows, F27UnderAThousandChangesASecondASnapshotIsAtMostAWindowOld) {
  play("F27", 60ms, [](FaultWorld& world) {
    fill(world, 50);
    Consumer& eye = world.consume();
    world.advance(1s);
    const int snapshots = eye->snapshots;
    Duration lag{};
    for (int i = 0; i < 1000; ++i) {
      world.put(instance("r" + std::to_string(world.pick(50)), 2000 + i));
      if (i % 97 == 0) {
        const auto newest = world.registry().revision;
        lag = std::max(lag, world.until([&] { return eye->newest->revision >= newest; }));
      }
      world.advance(1ms);
    }
    EXPECT_LE(eye->snapshots - snapshots, 20 * 3);
    until_agreed(world, eye);
    return lag;
  });
}

TEST(FaultWatchRows, F28ABurstIsAFewSnapshots) {
  play("F28", 500ms, [](FaultWorld& world) {
    Consumer& eye = world.consume();
    world.advance(1s);
    fill(world, 500);
    const Duration took = until_agreed(world, eye);
    EXPECT_LE(eye->snapshots, 30);
    return took;
  });
}

TEST(FaultWatchRows, F29WhatHappensInOneRevisionIsSeenWhole) {
  play("F29", kWindow, [](FaultWorld& world) {
    fill(world, 160);
    Provider& one = world.provide("0");
    for (int i = 1; i < 40; ++i)
      world.tell(one.keeper, AnnounceRecord{instance(std::to_string(i)), {}});
    Consumer& eye = world.consume();
    world.advance(world.upto(kPeriod));
    world.crash(one);
    world.until([&] { return world.registered() == 160; }, 50ms);
    const Duration lag = until_agreed(world, eye);
    EXPECT_EQ(eye->sizes, (std::set<std::size_t>{160, 200}));
    return lag;
  });
}

TEST(FaultWatchRows, F32ASlowSubscriberDelaysNobodyAndWakesToTheNewestState) {
  play("F32", 60ms, [](FaultWorld& world) {
    auto slow = world.probe<Subscriber>("slow"), quick = world.probe<Subscriber>("quick");
    auto registries = std::make_shared<Registries>(world.system());
    registries->adopt("memory:", world.memory);
    const Resolver resolver = spawn_resolver(world.system(), registries);
    for (const auto& who : {slow.handle(), quick.handle()}) {
      world.asker.tell(resolver, Subscribe{"memory:", {"svc"}, who});
      world.asker.expect<Subscribed>();
    }
    world.advance(1s);
    auto woken = slow.expect<SnapshotReady>();
    Duration lag{};
    std::uint64_t seen = 0;
    for (int i = 0; i < 300; ++i) {
      world.put(instance("r" + std::to_string(world.pick(20)), 1000 + i));
      const auto newest = world.registry().revision;
      const bool looks = i % 10 == 9;  // else it only keeps up
      const Duration took = world.until([&] {
        while (quick.has<SnapshotReady>())
          if (const auto event = quick.expect<SnapshotReady>()->take())
            seen = event->snapshot->revision;
        return !looks || seen >= newest;
      });
      lag = std::max(lag, took);
      world.advance(world.upto(20ms));
    }
    EXPECT_FALSE(slow.has<SnapshotReady>());
    const auto event = woken->take();
    EXPECT_TRUE(event && event->snapshot->instances.size() == world.registered());
    EXPECT_FALSE(woken->take());
    stop(resolver);
    return lag;
  });
}

TEST(FaultWatchRows, F34WhatIsToldTwiceOrAgainLaterChangesNothing) {
  play("F34", kWindow, [](FaultWorld& world) {
    Consumer& eye = world.consume();
    world.tell(world.memory, SetFaults{.duplicate_changes = true});
    world.tell(eye.gate, GateRules{.stale_echo = true});
    Duration longest{};
    for (int i = 0; i < 300; ++i) {
      const Instance one = instance("r" + std::to_string(world.pick(10)), 1000 + i);
      world.pick(3) == 0 ? world.remove(one) : world.put(one);
      world.advance(world.upto(20ms));
      if (i % 10 == 9)
        longest = std::max(
            longest, world.until([&] { return agrees(world, eye) || !eye->newest->held.empty(); }));
    }
    EXPECT_TRUE(eye->ordered);
    return longest;
  });
}

TEST(FaultWatchRows, F35AWatchThatIsNeverToldToHaveBegunIsBegunAgain) {
  play("F35", 5300ms, [](FaultWorld& world) {
    fill(world, 3);
    Consumer& eye = world.consume();
    world.advance(11s + world.upto(3s));
    const auto before = eye.traffic->watches;
    world.tell(eye.gate, GateRules{.refuse = true});
    world.tell(eye.gate, GateRules{.lost_starts = 1});
    world.until([&] { return eye.traffic->watches > before; });
    return world.until([&] { return eye.traffic->watches > before + 1; }) +
           until_agreed(world, eye);
  });
}

TEST(FaultWatchRows, F36AWatchThatHearsOfProgressResumesWithoutAList) {
  play("F36", 3s + kWindow, [](FaultWorld& world) {
    fill(world, 3);
    Consumer& eye = world.consume();
    world.advance(1s);
    Instance foreign = instance("f");
    foreign.name = "other";
    for (int i = 0; i < 500; ++i) {
      foreign.weight = static_cast<std::uint32_t>(i + 1);
      world.put(foreign);
    }
    world.tell(eye.gate, GateProgress{world.registry().revision});
    world.tell(world.memory, CompactHistory{});
    const int lists = eye.traffic->lists;
    world.tell(eye.gate, GateRules{.refuse = true});
    world.advance(world.upto(5s));
    world.tell(eye.gate, GateRules{});
    world.put(instance("r9"));
    const Duration took = until_agreed(world, eye);
    EXPECT_EQ(eye.traffic->lists, lists);
    return took;
  });
}

}  // namespace
}  // namespace brontes::testing
