// Random schedules against a registry: what it lists, and what a watcher knows that is interrupted
// and resumed, must be what a model says. The seed is the name of the test.
#include <gtest/gtest.h>

#include <random>
#include <tuple>

#include "backend.hpp"
#include "registry_client.hpp"

namespace brontes::testing {
namespace {

using View = std::map<std::string, std::uint32_t>;  // key -> weight

struct Model {
  std::vector<LeaseId> leases;  ///< that are held
  std::vector<LeaseId> ended;
  std::map<std::string, std::pair<LeaseId, std::uint32_t>> records;

  void end(LeaseId lease) {
    if (std::erase(leases, lease) > 0) ended.push_back(lease);
    std::erase_if(records, [&](const auto& entry) { return entry.second.first == lease; });
  }
  std::vector<std::string> ids(LeaseId lease) const {
    std::vector<std::string> result;
    for (const auto& [key, record] : records)
      if (record.first == lease) result.push_back(key.substr(key.find('/') + 1));
    return result;
  }
  View view() const {
    View result;
    for (const auto& [key, record] : records) result[key] = record.second;
    return result;
  }
};

struct Schedule : ::testing::TestWithParam<std::tuple<std::string, int>> {
  void SetUp() override {
    const std::string kind = std::get<0>(GetParam());
    backend = make_backend(kind, system);
    if (!backend) GTEST_SKIP() << why_no(kind);
    open = backend->registry();
    client = std::make_unique<RegistryClient>(system, open.registry);
    random.seed(static_cast<std::uint32_t>(std::get<1>(GetParam())));
  }

  std::uint32_t pick(std::uint32_t below) { return random() % below; }
  LeaseId some_lease() {
    const bool held = !model.leases.empty() && pick(8) > 0;
    const auto& from = held || model.ended.empty() ? model.leases : model.ended;
    return from.empty() ? LeaseId{999'999} : from[pick(static_cast<std::uint32_t>(from.size()))];
  }
  bool is_held(LeaseId lease) const {
    return std::find(model.leases.begin(), model.leases.end(), lease) != model.leases.end();
  }

  void grant() {
    const auto granted = client->grant();
    ASSERT_TRUE(granted) << granted.error();
    model.leases.push_back(granted->lease);
  }
  void put() {
    const LeaseId lease = some_lease();
    Instance what = instance("i" + std::to_string(pick(10)));
    what.weight = 1 + pick(3);
    const auto done = client->put(lease, what);
    if (!is_held(lease)) {
      EXPECT_EQ(done ? Errc::kOk : done.error().code(), Errc::kNotFound);
      return;
    }
    ASSERT_TRUE(done) << done.error();
    model.records[record_key(what)] = {lease, what.weight};
  }
  void renew() {
    const LeaseId lease = some_lease();
    EXPECT_EQ(bool(client->renew(lease)), is_held(lease));
  }
  void remove() {
    const LeaseId lease = some_lease();
    const std::string key = "svc/i" + std::to_string(pick(10));
    EXPECT_TRUE(client->remove(lease, key));
    const auto found = model.records.find(key);
    if (found != model.records.end() && found->second.first == lease) model.records.erase(found);
  }
  void end(bool by_itself) {
    const LeaseId lease = some_lease();
    if (by_itself && is_held(lease))
      backend->expire(lease, model.ids(lease));
    else
      EXPECT_TRUE(client->revoke(lease));
    model.end(lease);
  }

  View listed() {
    View result;
    const auto all = client->list({"svc"});
    EXPECT_TRUE(all) << all.error();
    if (all)
      for (const Record& record : all->records) result[record.key] = record.instance->weight;
    return result;
  }
  static View view_of(const Seen& seen) {
    View result;
    for (const auto& [key, instance] : seen.view) result[key] = instance->weight;
    return result;
  }
  /// From the list, with nothing known before.
  void list_and_watch() {
    const auto all = client->list({"svc"});
    ASSERT_TRUE(all) << all.error();
    ASSERT_TRUE(client->watch({"svc"}, all->revision));
    client->wait_until([&](Seen& seen) {
      for (const Record& record : all->records) seen.view.emplace(record.key, record.instance);
      return true;
    });
    ++listings;
  }
  void resume() {
    watching = true;
    const auto started = client->resume({"svc"});
    ++resumptions;
    if (started) return;
    EXPECT_EQ(started.error().code(), Errc::kOutOfRange) << started.error();
    list_and_watch();
  }
  /// The watcher comes to know what the model says, or that it must list.
  void catch_up() {
    if (!watching) resume();
    const View wanted = model.view();
    const auto settled = [&](const Seen& seen) { return seen.broken || view_of(seen) == wanted; };
    ASSERT_TRUE(client->wait_until(settled)) << "the watcher errs";
    bool broken = false;
    client->wait_until([&](const Seen& seen) {
      broken = seen.broken;
      return true;
    });
    if (!broken) return;
    EXPECT_EQ(client->why_broken().code(), Errc::kOutOfRange);
    list_and_watch();
  }

  void pause() {
    client->stop_watching();
    watching = false;
  }

  void step() {
    const std::uint32_t which = pick(20);
    if (which < 3) return grant();
    if (which < 11) return put();
    if (which < 13) return renew();
    if (which < 15) return remove();
    if (which < 16) return end(false);
    if (which < 17) return end(true);
    if (which < 18) return backend->compact();
    if (which < 19) return pause();
    catch_up();
  }

  System system{{.threads = 2}};
  std::unique_ptr<Backend> backend;
  OpenRegistry open;
  std::unique_ptr<RegistryClient> client;
  std::mt19937 random;
  Model model;
  bool watching = true;
  int listings = 0, resumptions = 0;
};

TEST_P(Schedule, WatchersAndListsKnowWhatTheModelSays) {
  grant();
  list_and_watch();
  for (int i = 0; i < 120; ++i) {
    step();
    ASSERT_EQ(listed(), model.view()) << "step " << i;
    if (pick(4) == 0) resume();
    if (HasFailure()) FAIL() << "step " << i;
  }
  resume();
  catch_up();
  EXPECT_EQ(client->violations(), std::vector<std::string>{});
  EXPECT_GT(resumptions, listings);
}

std::string name_of(const ::testing::TestParamInfo<std::tuple<std::string, int>>& info) {
  return std::get<0>(info.param) + "_" + std::to_string(std::get<1>(info.param));
}

INSTANTIATE_TEST_SUITE_P(Memory, Schedule,
                         ::testing::Combine(::testing::Values("memory"), ::testing::Range(1, 11)),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Served, Schedule,
                         ::testing::Combine(::testing::Values("served"), ::testing::Range(1, 6)),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Etcd, Schedule,
                         ::testing::Combine(::testing::Values("etcd"), ::testing::Range(1, 4)),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Consul, Schedule,
                         ::testing::Combine(::testing::Values("consul"), ::testing::Range(1, 4)),
                         name_of);

}  // namespace
}  // namespace brontes::testing
