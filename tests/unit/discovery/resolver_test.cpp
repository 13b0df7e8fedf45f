#include <brontes/actors/testkit/gtest.hpp>
#include <brontes/discovery/resolver.hpp>

namespace brontes {
namespace {

using namespace std::chrono_literals;
using EventType = DiscoveryEvent::Type;

const Query kOrders{"orders", "", {}, {}};

RecordEvent put(const std::string& id, std::uint64_t revision, bool healthy = true) {
  Instance instance;
  instance.name = "orders";
  instance.instance_id = id;
  instance.address = "10.0.0.1:80";
  instance.healthy = healthy;
  const std::string key = record_key(instance);
  return {RecordEvent::Type::kPut,
          {key, std::make_shared<const Instance>(std::move(instance)), revision}};
}

struct ResolverScenario : ScenarioTest {
  Probe<Registry> registry = probe<Registry>("registry");
  Probe<Resolver> asker = probe<Resolver>("asker");
  std::shared_ptr<Registries> registries = std::make_shared<Registries>(system());
  Resolver resolver;
  Watcher loop;
  WatchId watch;

  ResolverScenario() {
    registries->adopt("scripted:", registry.handle());
    resolver = spawn_resolver(system(), registries);
  }
  ~ResolverScenario() override { stop(resolver); }

  void subscribe(const Probe<Subscriber>& who) {
    asker.tell(resolver, Subscribe{"scripted:", kOrders, who.handle()});
    asker.expect<Subscribed>();
  }
  void serve(std::vector<Record> records = {}) {
    registry.expect<ListRecords>().reply(RecordsListed{1, 1, std::move(records)});
    auto wish = registry.expect<WatchRecords>();
    loop = wish->watcher;
    watch = wish->watch;
    wish.reply(WatchStarted{watch, 1, 1});
    advance(1s);
  }
  void change(std::uint64_t revision, std::vector<RecordEvent> events) {
    tell(loop, RecordsChanged{watch, revision, std::move(events)});
    advance(50ms);
  }
  static DiscoveryEventPtr take(Probe<Subscriber>& who) {
    return who.expect<SnapshotReady>()->take();
  }
};

TEST_F(ResolverScenario, SubscribersOfOneQueryShareOneWatch) {
  auto a = probe<Subscriber>("a"), b = probe<Subscriber>("b");
  subscribe(a);
  subscribe(b);
  subscribe(b);
  serve({put("x", 1).record});
  registry.expect_nothing();
  EXPECT_EQ(take(a)->change.added.size(), 1u);
  EXPECT_EQ(take(b)->snapshot->instances.size(), 1u);
  a.expect_nothing();
  b.expect_nothing();
}

TEST_F(ResolverScenario, LateSubscriberGetsTheCurrentSnapshotAtOnce) {
  auto a = probe<Subscriber>("a"), late = probe<Subscriber>("late");
  subscribe(a);
  serve({put("x", 1).record});
  subscribe(late);
  const auto event = take(late);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, EventType::kSnapshot);
  EXPECT_EQ(event->change.added.size(), 1u);
}

TEST_F(ResolverScenario, SlowSubscriberHasOneMessageInFlightAndWakesToTheNewest) {
  auto slow = probe<Subscriber>("slow");
  subscribe(slow);
  serve({put("a", 1).record});
  ASSERT_TRUE(take(slow));
  for (std::uint64_t i = 2; i < 12; ++i) change(i, {put("n" + std::to_string(i), i)});
  change(12, {put("n2", 12, false)});
  const auto event = take(slow);
  slow.expect_nothing();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->change.added.size(), 10u);
  EXPECT_TRUE(event->change.updated.empty());  // it never saw n2 healthy
}

TEST_F(ResolverScenario, WhatCancelledOutIsNoEvent) {
  auto slow = probe<Subscriber>("slow");
  subscribe(slow);
  serve({put("a", 1).record});
  ASSERT_TRUE(take(slow));
  change(2, {put("a", 2, false)});
  change(3, {put("a", 3)});
  EXPECT_FALSE(take(slow));
}

TEST_F(ResolverScenario, StaleAndLiveAreToldWithTheReason) {
  auto a = probe<Subscriber>("a");
  subscribe(a);
  serve({put("x", 1).record});
  ASSERT_TRUE(take(a));
  tell(loop, WatchBroken{watch, {Errc::kUnavailable, "connection refused"}});
  registry.expect<StopWatch>();
  advance(1s);
  const auto stale = take(a);
  ASSERT_TRUE(stale);
  EXPECT_EQ(stale->type, EventType::kStale);
  EXPECT_EQ(stale->snapshot->cause.message(), "connection refused");
  EXPECT_EQ(stale->snapshot->instances.size(), 1u);
  auto again = registry.expect<WatchRecords>();
  again.reply(WatchStarted{again->watch, 1, 1});
  EXPECT_EQ(take(a)->type, EventType::kLive);
}

TEST_F(ResolverScenario, AWatchThatStartsOverWithoutTheRegistryForgetsNobody) {
  auto a = probe<Subscriber>("a");
  subscribe(a);
  serve({put("x", 1).record});
  ASSERT_TRUE(take(a));
  caf::anon_send_exit(loop, caf::exit_reason::out_of_workers);
  run();
  registry.expect<StopWatch>();
  registry.expect<ListRecords>().fail(Errc::kUnavailable, "connection refused");
  advance(1s);
  const auto stale = take(a);
  ASSERT_TRUE(stale);
  EXPECT_EQ(stale->type, EventType::kStale);
  EXPECT_EQ(stale->snapshot->instances.size(), 1u);
}

TEST_F(ResolverScenario, TheWatchEndsWithTheLastSubscriber) {
  auto a = probe<Subscriber>("a"), b = probe<Subscriber>("b");
  subscribe(a);
  subscribe(b);
  serve();
  tell(resolver, Unsubscribe{"scripted:", kOrders, a.handle()});
  registry.expect_nothing();
  tell(resolver, Unsubscribe{"scripted:", kOrders, b.handle()});
  registry.expect<StopWatch>();
  subscribe(a);
  registry.expect<ListRecords>();  // a new loop, from the start
}

TEST_F(ResolverScenario, DeadSubscribersAreForgotten) {
  auto a = probe<Subscriber>("a");
  subscribe(a);
  serve();
  stop(a.handle());
  run();
  registry.expect<StopWatch>();
}

TEST_F(ResolverScenario, UnknownRegistryIsAnErrorOfTheSubscription) {
  auto a = probe<Subscriber>("a");
  asker.tell(resolver, Subscribe{"nonsense", kOrders, a.handle()});
  EXPECT_EQ(asker.expect<Status>()->code(), Errc::kInvalidArgument);
}

}  // namespace
}  // namespace brontes
