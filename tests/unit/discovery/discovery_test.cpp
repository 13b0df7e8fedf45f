// The façade on real threads, against the memory registry.
#include <atomic>
#include <brontes/actors/testkit/gtest.hpp>
#include <brontes/discovery/discovery_actors.hpp>
#include <brontes/discovery/registries/memory_registry.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <semaphore>

namespace brontes {
namespace {

using namespace std::chrono_literals;

/// Collects events; wait() is bounded by a generous guard against hanging.
class Events {
 public:
  DiscoveryCallback callback() {
    return [this](const DiscoveryEvent& event) {
      const std::lock_guard lock(mutex_);
      newest_ = event.snapshot;
      changed_.notify_all();
    };
  }
  bool wait(const std::function<bool(const Snapshot&)>& wanted) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [&] { return newest_ && wanted(*newest_); });
  }
  bool wait_for_count(std::size_t count) {
    return wait([count](const Snapshot& s) { return s.instances.size() == count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  SnapshotPtr newest_;
};

Instance greeter_record(const std::string& id) {
  Instance instance;
  instance.name = "greeter";
  instance.version = "v1";
  instance.instance_id = id;
  instance.address = "127.0.0.1:8080";
  return instance;
}

TEST(Discovery, AnnouncedInstancesAreSeenAndWithdrawnOnesLeave) {
  System system({.threads = 2});
  Discovery provider(system), consumer(system);
  Events events;
  auto subscription = consumer.subscribe("discovery:///greeter/v1", events.callback());
  ASSERT_TRUE(subscription) << subscription.error().to_string();
  auto one = provider.announce(greeter_record("g-1"));
  auto two = provider.announce(greeter_record("g-2"));
  ASSERT_TRUE(one && two);
  EXPECT_TRUE(events.wait_for_count(2));
  EXPECT_TRUE(one->withdraw().get().ok());
  EXPECT_TRUE(events.wait_for_count(1));
  EXPECT_TRUE(two->drain().get().ok());
  EXPECT_TRUE(events.wait([](const Snapshot& s) { return !s.instances[0]->healthy; }));
}

TEST(Discovery, AnnouncementFillsWhatIsMissing) {
  System system({.threads = 1});
  Discovery discovery(system);
  Instance bare;
  bare.name = "greeter";
  bare.address = "127.0.0.1:80";
  bare.weight = 0;
  auto announced = discovery.announce(bare);
  ASSERT_TRUE(announced);
  const Instance whole = announced->instance();
  EXPECT_EQ(whole.instance_id.size(), 32u);
  EXPECT_EQ(whole.weight, 100u);
  EXPECT_GT(incarnation(whole), 0u);
}

TEST(Discovery, DroppedAnnouncementIsWithdrawn) {
  System system({.threads = 2});
  Discovery discovery(system);
  Events events;
  auto subscription = discovery.subscribe(Query{"greeter", "", {}, {}}, events.callback());
  {
    // So long that it cannot lapse meanwhile.
    auto announced = discovery.announce(greeter_record("g-1"), {.ttl = 1h, .on_event = {}});
    EXPECT_TRUE(events.wait_for_count(1));
  }
  EXPECT_TRUE(events.wait_for_count(0));
}

struct SilentRegistry : ScenarioTest {
  std::size_t running() { return system().caf().registry().running(); }
};

TEST_F(SilentRegistry, KeepsNoActorOfADroppedAnnouncementAlive) {
  Discovery discovery(system());
  const auto open = discovery.actors().registries->open("memory:");
  ASSERT_TRUE(open);
  const std::size_t before = running();
  {
    auto announced = discovery.announce(greeter_record("g-1"), {.ttl = 1h, .on_event = {}});
    run();
    EXPECT_GT(running(), before);
    tell(memory_control(open->registry), SetFaults{.silent = true});
  }
  advance(2s);  // so long it tries to say farewell
  EXPECT_EQ(running(), before);
}

TEST(Discovery, AbandonedOneLapsesAfterItsTtl) {
  System system({.threads = 2});
  Discovery discovery(system), observer(system);
  Events events;
  auto subscription = observer.subscribe("memory:///greeter", events.callback());
  auto announced = discovery.announce(greeter_record("g-1"), {.ttl = 2s, .on_event = {}});
  EXPECT_TRUE(events.wait_for_count(1));
  announced->abandon();
  EXPECT_TRUE(announced->withdraw().get().ok());  // nothing is left to do
  auto listed = observer.list("memory:///greeter/v1", 5s);
  ASSERT_TRUE(listed);
  EXPECT_EQ((*listed)->instances.size(), 1u);
  EXPECT_TRUE(events.wait_for_count(0));
}

TEST(Discovery, TellsTheAnnouncerWhatHappens) {
  System system({.threads = 2});
  Discovery discovery(system);
  std::promise<AnnouncementEvent> registered, gone;
  auto announced = discovery.announce(
      greeter_record("g-1"), {.on_event = [&](const AnnouncementEvent& e) {
        (e.type == AnnouncementEvent::Type::kRegistered ? registered : gone).set_value(e);
      }});
  ASSERT_TRUE(announced);
  EXPECT_EQ(registered.get_future().get().key, "greeter/v1/g-1");
  announced->withdraw().wait();
  EXPECT_EQ(gone.get_future().get().type, AnnouncementEvent::Type::kDeregistered);
}

TEST(Discovery, UpdateChangesTheRecordButNotItsKey) {
  System system({.threads = 2});
  Discovery discovery(system);
  auto announced = discovery.announce(greeter_record("g-1"));
  ASSERT_TRUE(announced);
  Instance heavier = announced->instance();
  heavier.weight = 250;
  std::promise<Status> done, refused;
  announced->update(heavier, 10s, [&](Status status) { done.set_value(status); });
  EXPECT_TRUE(done.get_future().get().ok());
  EXPECT_EQ((*discovery.list("discovery:///greeter", 5s))->instances[0]->weight, 250u);
  heavier.version = "v2";
  announced->update(heavier, 10s, [&](Status status) { refused.set_value(status); });
  EXPECT_EQ(refused.get_future().get().code(), Errc::kInvalidArgument);
}

TEST(Discovery, SubscriptionMayBeDroppedInItsOwnCallback) {
  System system({.threads = 2});
  Discovery discovery(system);
  Subscription subscription;
  std::promise<void> dropped;
  std::mutex made;
  std::unique_lock hold(made);
  auto wish = discovery.subscribe("memory:///greeter", [&](const DiscoveryEvent&) {
    const std::lock_guard lock(made);
    subscription = Subscription();
    dropped.set_value();
  });
  ASSERT_TRUE(wish);
  subscription = std::move(*wish);
  hold.unlock();
  EXPECT_EQ(dropped.get_future().wait_for(30s), std::future_status::ready);
}

TEST(Discovery, ACallbackThatStandsStillHoldsUpNoOtherAndWakesToTheNewestState) {
  System system({.threads = 2});  // one of them is taken
  Discovery discovery(system);
  std::binary_semaphore entered(0), leave(0);
  std::atomic<bool> first{true};
  Events late;
  auto slow = discovery.subscribe(
      "discovery:///greeter/v1", [&, told = late.callback()](const DiscoveryEvent& event) {
        if (event.snapshot->instances.size() == 1 && first.exchange(false)) {
          entered.release();
          leave.acquire();
        }
        told(event);
      });
  std::deque<Events> others(500);
  std::vector<Subscription> subscriptions;
  for (Events& each : others)
    subscriptions.push_back(*discovery.subscribe("discovery:///greeter/v1", each.callback()));
  auto one = discovery.announce(greeter_record("g-1"));
  entered.acquire();
  auto two = discovery.announce(greeter_record("g-2")),
       three = discovery.announce(greeter_record("g-3"));
  for (Events& each : others) ASSERT_TRUE(each.wait_for_count(3));
  leave.release();
  EXPECT_TRUE(late.wait_for_count(3));
}

TEST(Discovery, WhoSubscribesLaterIsToldTheSameAtOnce) {
  System system({.threads = 2});
  Discovery discovery(system);
  Events early, late;
  auto first = discovery.subscribe("discovery:///greeter/v1", early.callback());
  auto one = discovery.announce(greeter_record("g-1"));
  ASSERT_TRUE(early.wait_for_count(1));
  auto second = discovery.subscribe("discovery:///greeter/v1", late.callback());
  EXPECT_TRUE(late.wait_for_count(1));
  first = Subscription();
  auto two = discovery.announce(greeter_record("g-2"));
  EXPECT_TRUE(late.wait_for_count(2));
}

TEST(Discovery, KnowsWhereTargetsLead) {
  System system({.threads = 1});
  Discovery discovery(system,
                      {.registry = "memory:blue", .registries = {{"static", "static://a:1"}}});
  EXPECT_EQ(discovery.locate("discovery:///x/v1")->registry, "memory:blue");
  EXPECT_EQ(discovery.locate("memory:///x")->registry, "memory:blue");
  EXPECT_EQ(discovery.locate("static:///x")->registry, "static://a:1");
  EXPECT_EQ(discovery.locate("static:b:2")->registry, "static://b:2");
  EXPECT_EQ(discovery.locate("etcd:///x").error().code(), Errc::kFailedPrecondition);
  EXPECT_EQ(discovery.locate("etcd:///").error().code(), Errc::kInvalidArgument);
}

TEST(Discovery, SaysWhatIsWrongWithItsUrls) {
  System system({.threads = 1});
  EXPECT_TRUE(Discovery(system).check().ok());
  EXPECT_EQ(Discovery(system, {.registry = "nonsense"}).check().code(), Errc::kInvalidArgument);
  Discovery fixed(system, {.registry = "static://a:1"});
  EXPECT_EQ(fixed.announce(greeter_record("g-1")).error().code(), Errc::kUnimplemented);
  EXPECT_EQ(fixed.list("discovery:///any", 5s).value()->instances.size(), 1u);
}

}  // namespace
}  // namespace brontes
