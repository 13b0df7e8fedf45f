// What `brontes registry` serves, under virtual time and without sockets. That it answers as etcd
// does is proved in tests/integration/registries, side by side with a real one.
#include <gtest/gtest.h>

#include <brontes/actors/call/actor_host.hpp>
#include <brontes/actors/testkit/local_door.hpp>
#include <brontes/actors/testkit/scenario.hpp>
#include <brontes/tools/registry/etcd_service.hpp>

#include "etcd_api.brontes.hpp"

namespace brontes::registry {
namespace {

using namespace std::chrono_literals;
using api::KVMethods;
using api::LeaseMethods;
using WatchCall = LocalCall<api::WatchMethods::Watch>;

struct EtcdServiceScenario : ::testing::Test {
  void serve(StoreLimits limits = {}) {
    HostOptions options;
    host = *ServiceHost::open(stage.system(), table, etcd_rows(), options,
                              [limits] { return std::make_unique<EtcdService>(limits); });
    door = std::make_unique<LocalDoor>(stage.system(), table);
  }
  ~EtcdServiceScenario() override { door.reset(); }

  Status put(const std::string& key, const std::string& value = "1", std::int64_t lease = 0) {
    api::PutRequest request;
    request.set_key(key);
    request.set_value(value);
    request.set_lease(lease);
    const auto reply = door->call<KVMethods::Put>(request);
    return reply ? Status() : reply.error();
  }
  std::string keys() {
    api::RangeRequest all;
    all.set_key(std::string(1, '\0'));
    all.set_range_end(std::string(1, '\0'));
    std::string text;
    const auto reply = door->call<KVMethods::Range>(all);
    for (const auto& kv : reply->kvs()) text += kv.key() + " ";
    return text;
  }
  std::int64_t grant(std::int64_t ttl) {
    api::LeaseGrantRequest request;
    request.set_ttl(ttl);
    return door->call<LeaseMethods::LeaseGrant>(request)->id();
  }
  WatchCall watch(LocalCallOptions options = {}) {
    return door->start<api::WatchMethods::Watch>(std::move(options));
  }
  static api::WatchRequest on(const std::string& key, std::int64_t from = 0) {
    api::WatchRequest request;
    request.mutable_create_request()->set_key(key);
    request.mutable_create_request()->set_range_end(std::string(1, '\0'));
    request.mutable_create_request()->set_start_revision(from);
    return request;
  }
  /// "PUT a 2, DELETE b 3": events with their revisions.
  static std::string events(const std::optional<api::WatchResponse>& response) {
    if (!response) return "nothing";
    std::string text;
    for (const auto& event : response->events())
      text += (text.empty() ? "" : ", ") + api::Event::EventType_Name(event.type()) + " " +
              event.kv().key() + " " + std::to_string(event.kv().mod_revision());
    return text;
  }

  Scenario stage;
  MethodTable table{stage.system().clock()};
  std::unique_ptr<ServiceHost> host;
  std::unique_ptr<LocalDoor> door;
};

TEST_F(EtcdServiceScenario, ALeaseTakesItsKeysAlongWhenItsTimeIsOver) {
  serve();
  const auto lease = grant(10);
  EXPECT_TRUE(put("a", "1", lease).ok());
  EXPECT_TRUE(put("b", "1", lease).ok());
  EXPECT_TRUE(put("kept").ok());
  auto call = watch();
  call.send(on("a"));
  EXPECT_TRUE(call.next_reply()->created());
  stage.advance(9999ms);
  EXPECT_EQ(keys(), "a b kept ");
  stage.advance(1ms);
  EXPECT_EQ(keys(), "kept ");
  EXPECT_EQ(events(call.next_reply()), "DELETE a 5, DELETE b 5");
}

TEST_F(EtcdServiceScenario, AKeepAliveMovesTheEnd) {
  serve();
  const auto longer = grant(60), lease = grant(10);
  EXPECT_TRUE(put("a", "1", lease).ok());
  auto alive = door->start<LeaseMethods::LeaseKeepAlive>();
  stage.advance(9s);
  api::LeaseKeepAliveRequest request;
  request.set_id(lease);
  alive.send(request);
  EXPECT_EQ(alive.next_reply()->ttl(), 10);
  stage.advance(9s);
  EXPECT_EQ(keys(), "a ");
  stage.advance(1s);
  EXPECT_EQ(keys(), "");
  alive.send(request);
  EXPECT_EQ(alive.next_reply()->ttl(), 0);
  api::LeaseTimeToLiveRequest asked;
  asked.set_id(longer);
  EXPECT_EQ(door->call<LeaseMethods::LeaseTimeToLive>(asked)->ttl(), 41);
}

TEST_F(EtcdServiceScenario, AReaderThatLagsIsToldThatItsPlaceIsCompacted) {
  serve({.history = 3});
  auto call = watch({.eager = false});
  call.send(on("a"));
  EXPECT_TRUE(call.next_reply()->created());
  // Beyond the window of what may be under way nothing is made for it.
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(put("a" + std::to_string(i)).ok());
  int heard = 0;
  std::optional<api::WatchResponse> last;
  while (auto next = call.next_reply()) {
    heard += next->events_size();
    last = std::move(next);
  }
  EXPECT_LT(heard, 30);
  ASSERT_TRUE(last);
  EXPECT_TRUE(last->canceled());
  EXPECT_EQ(last->compact_revision(), 99);
  call.send(on("a", last->compact_revision()));
  EXPECT_TRUE(call.next_reply()->created());
  EXPECT_EQ(events(call.next_reply()), "PUT a97 99, PUT a98 100, PUT a99 101");
}

TEST_F(EtcdServiceScenario, AWatchOfThePastIsReplayedWhole) {
  serve();
  for (int i = 0; i < 2500; ++i) EXPECT_TRUE(put("a").ok());
  auto call = watch();
  call.send(on("a", 2));
  EXPECT_TRUE(call.next_reply()->created());
  std::vector<int> sizes;
  std::int64_t next = 2;
  while (const auto response = call.next_reply()) {
    sizes.push_back(response->events_size());
    for (const auto& event : response->events()) EXPECT_EQ(event.kv().mod_revision(), next++);
  }
  EXPECT_EQ(sizes, (std::vector{1000, 1000, 500}));
}

TEST_F(EtcdServiceScenario, WatchersHearWhatTheyAskedFor) {
  serve();
  EXPECT_TRUE(put("a", "old").ok());
  auto call = watch();
  auto removals = on("a");
  removals.mutable_create_request()->add_filters(api::WatchCreateRequest::NOPUT);
  removals.mutable_create_request()->set_prev_kv(true);
  call.send(removals);
  call.send(on("b"));
  EXPECT_EQ(call.next_reply()->watch_id(), 0);
  EXPECT_EQ(call.next_reply()->watch_id(), 1);
  EXPECT_TRUE(put("a", "new").ok());
  EXPECT_TRUE(put("b").ok());
  auto heard = call.next_reply();
  EXPECT_EQ(heard->watch_id(), 1);
  EXPECT_EQ(events(heard), "PUT b 4");
  api::DeleteRangeRequest gone;
  gone.set_key("a");
  EXPECT_EQ(door->call<KVMethods::DeleteRange>(gone)->deleted(), 1);
  heard = call.next_reply();
  EXPECT_EQ(heard->watch_id(), 0);
  EXPECT_EQ(events(heard), "DELETE a 5");
  EXPECT_EQ(heard->events(0).prev_kv().value(), "new");

  api::WatchRequest cancel;
  cancel.mutable_cancel_request()->set_watch_id(1);
  call.send(cancel);
  EXPECT_TRUE(call.next_reply()->canceled());
  EXPECT_TRUE(put("b").ok());
  EXPECT_EQ(events(call.next_reply()), "nothing");
}

TEST_F(EtcdServiceScenario, OnlyWhoAskedHearsOfProgress) {
  serve();
  EXPECT_TRUE(put("z").ok());
  auto call = watch();
  auto asking = on("a");
  asking.mutable_create_request()->set_progress_notify(true);
  call.send(on("a"));
  call.send(asking);
  call.next_reply();
  call.next_reply();
  stage.advance(10min);
  const auto told = call.next_reply();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->watch_id(), 1);
  EXPECT_EQ(told->events_size(), 0);
  EXPECT_EQ(told->header().revision(), 2);
  EXPECT_FALSE(call.next_reply());

  api::WatchRequest now;
  now.mutable_progress_request();
  call.send(now);
  EXPECT_EQ(call.next_reply()->watch_id(), -1);
}

TEST_F(EtcdServiceScenario, ATxnIsDoneWholeOrNotAtAll) {
  serve({.keys = 3});
  EXPECT_TRUE(put("a").ok());
  api::TxnRequest request;
  for (const char* key : {"b", "c", "d"})
    request.add_success()->mutable_request_put()->set_key(key);
  EXPECT_EQ(door->call<KVMethods::Txn>(request).error().code(), Errc::kResourceExhausted);
  EXPECT_EQ(keys(), "a ");
  request.mutable_success()->RemoveLast();
  auto call = watch();
  call.send(on("a"));
  call.next_reply();
  EXPECT_TRUE(door->call<KVMethods::Txn>(request)->succeeded());
  EXPECT_EQ(events(call.next_reply()), "PUT b 3, PUT c 3");
  EXPECT_EQ(put("e").code(), Errc::kResourceExhausted);
  EXPECT_TRUE(put("a").ok());
}

TEST_F(EtcdServiceScenario, AnotherStartIsAnotherCluster) {
  serve();
  const auto first = door->call<KVMethods::Put>([] {
    api::PutRequest request;
    request.set_key("a");
    return request;
  }());
  EXPECT_GT(static_cast<std::int64_t>(first->header().cluster_id()), 0);
  door.reset();
  host.reset();
  MethodTable other(stage.system().clock());
  const auto again = ServiceHost::open(stage.system(), other, etcd_rows(), {},
                                       [] { return std::make_unique<EtcdService>(); });
  LocalDoor beside(stage.system(), other);
  EXPECT_NE(beside.call<api::MaintenanceMethods::Status>({})->header().cluster_id(),
            first->header().cluster_id());
}

}  // namespace
}  // namespace brontes::registry
