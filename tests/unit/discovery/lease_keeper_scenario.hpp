// A lease keeper before a registry that says what a test tells it to, under virtual time.
#pragma once

#include <brontes/actors/testkit/gtest.hpp>
#include <brontes/discovery/lease_keeper.hpp>
#include <memory>
#include <string>

namespace brontes {

inline Instance greeter(const std::string& id = "g-1", std::uint64_t born = 1000) {
  Instance instance;
  instance.name = "greeter";
  instance.version = "v1";
  instance.instance_id = id;
  instance.address = "10.0.0.7:8443";
  instance.metadata["brontes.incarnation"] = std::to_string(born);
  return instance;
}

/// The ttl is 9 s, so K is 3 s +- 10 %.
struct LeaseKeeperScenario : ScenarioTest {
  Probe<Registry> registry = probe<Registry>("registry");
  Probe<AnnouncementListener> listener = probe<AnnouncementListener>("listener");
  Probe<LeaseKeeper> owner = probe<LeaseKeeper>("owner");  // a name to ask under
  LeaseKeeper keeper = spawn_lease_keeper(system(), {"scripted:", registry.handle(), {}, nullptr},
                                          LeaseKeeperOptions{.ttl = std::chrono::seconds(9)});

  ~LeaseKeeperScenario() override { stop(keeper); }

  void expect(AnnouncementEvent::Type type) {
    const auto event = listener.expect<AnnouncementEvent>();
    EXPECT_EQ(event->type, type) << static_cast<int>(event->type);
  }
  void grant(std::int64_t lease) {
    registry.expect<GrantLease>().reply(LeaseGranted{LeaseId{lease}, std::chrono::seconds(9)});
  }
  void put(std::int64_t lease, std::uint64_t revision) {
    auto wish = registry.expect<PutRecord>();
    EXPECT_EQ(wish->lease, LeaseId{lease});
    wish.reply(RecordPut{record_key(wish->instance), revision});
  }
  WatchId watch() {
    auto wish = registry.expect<WatchRecords>();
    wish.reply(WatchStarted{wish->watch, 10, 1});
    return wish->watch;
  }
  WatchId hold(const std::string& id = "g-1") {
    owner.tell(keeper, AnnounceRecord{greeter(id), listener.handle()});
    grant(7);
    put(7, 5);
    const WatchId watching = watch();
    owner.expect<RecordStands>();
    expect(AnnouncementEvent::Type::kRegistered);
    return watching;
  }
  LeaseDescription describe() {
    owner.tell(keeper, DescribeLease{});
    return *owner.expect<LeaseDescription>();
  }
  void own_key(WatchId watch, RecordEvent::Type type, const Instance& instance,
               std::uint64_t revision) {
    const Record record{record_key(instance), std::make_shared<const Instance>(instance), revision};
    tell(keeper, RecordsChanged{watch, revision, {{type, record}}});
  }
};

}  // namespace brontes
