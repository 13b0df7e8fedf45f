#include "world.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;

class PerKeyScenario : public GuardScenario {
 protected:
  std::shared_ptr<PerKey> rooms(std::size_t max_keys, BulkheadOptions options) {
    return PerKey::make(
               "tenants",
               [this, options](const std::string& tenant) {
                 made_.push_back(tenant);
                 return Bulkhead::make(system(), "tenant " + tenant, options);
               },
               max_keys)
        .value();
  }
  bool enter(PerKey& it, const std::string& key) {
    Permit permit;
    Status why;
    if (it.enter({.key = key}, false, permit, why) != Entry::kIn) return false;
    permits_[key].push_back(permit);
    return true;
  }
  void leave(PerKey& it, const std::string& key) {
    it.leave(permits_[key].back(), {});
    permits_[key].pop_back();
  }
  std::vector<std::string> made_;
  std::map<std::string, std::vector<Permit>> permits_;
};

TEST_F(PerKeyScenario, ASaturatedTenantDoesNotTouchAnother) {
  const auto it = rooms(10, {.max_concurrent = 1});
  EXPECT_TRUE(enter(*it, "a"));
  EXPECT_FALSE(enter(*it, "a"));
  EXPECT_TRUE(enter(*it, "b"));
}

TEST_F(PerKeyScenario, TheGuardOfAKeyIsMadeOnce) {
  const auto it = rooms(10, {.max_concurrent = 9});
  for (const auto* key : {"a", "b", "a", "a", "b"}) EXPECT_TRUE(enter(*it, key));
  EXPECT_EQ(made_, (std::vector<std::string>{"", "a", "b"}));
}

TEST_F(PerKeyScenario, TheKeyUsedLongestAgoMakesPlace) {
  const auto it = rooms(2, {.max_concurrent = 9});
  for (const auto* key : {"a", "b", "a", "c", "a"}) {
    EXPECT_TRUE(enter(*it, key));
    leave(*it, key);
  }
  EXPECT_EQ(made_, (std::vector<std::string>{"", "a", "b", "c"}));
  EXPECT_TRUE(enter(*it, "b"));
  EXPECT_EQ(made_.back(), "b");
}

TEST_F(PerKeyScenario, AKeyWithCallsStays) {
  const auto it = rooms(2, {.max_concurrent = 1});
  EXPECT_TRUE(enter(*it, "a"));
  EXPECT_TRUE(enter(*it, "b"));
  EXPECT_TRUE(enter(*it, "c"));  // in the common room
  EXPECT_FALSE(enter(*it, "d"));
  EXPECT_FALSE(enter(*it, "a"));
  leave(*it, "b");
  EXPECT_TRUE(enter(*it, "d"));
  EXPECT_EQ(made_, (std::vector<std::string>{"", "a", "b", "d"}));
}

TEST_F(PerKeyScenario, CallsOfAKeyCanWait) {
  const auto it = rooms(2, {.max_concurrent = 1, .max_waiting = 1, .max_wait = 1s});
  EXPECT_TRUE(enter(*it, "a"));
  const Seen<int> waiting(chain(it).start([]() -> Expected<int> { return 5; }, {.key = "a"}));
  run();
  EXPECT_FALSE(waiting.is_there());
  leave(*it, "a");
  run();
  ASSERT_TRUE(waiting.is_there());
  EXPECT_EQ(waiting.value(), 5);
  EXPECT_EQ(it->numbers().now["in_flight"], 0);
}

TEST_F(PerKeyScenario, WhatTheFactoryRefusesIsRefused) {
  const auto it =
      PerKey::make("tenants", [this](const std::string& key) {
        return RateLimit::make(system(), "tenant " + key, {.per_second = key == "bad" ? 0.0 : 1.0});
      }).value();
  const Status status = chain(it).run([] { return Status(); }, {.key = "bad"});
  EXPECT_EQ(status.code(), Errc::kInvalidArgument);
  EXPECT_TRUE(chain(it).run([] { return Status(); }, {.key = "good"}).ok());
}

TEST_F(PerKeyScenario, ABreakerForEachMethod) {
  const auto it = PerKey::make("methods", [this](const std::string& method) {
                    return Breaker::make(system(), "method " + method);
                  }).value();
  const auto call = [&](const char* method, Errc code) {
    return chain(it).run([&] { return Status(code, "x"); }, {.key = method}).code();
  };
  for (int i = 0; i < 6; ++i) EXPECT_EQ(call("Get", Errc::kInternal), Errc::kInternal);
  EXPECT_EQ(call("Get", Errc::kInternal), Errc::kUnavailable);
  EXPECT_EQ(call("Put", Errc::kInternal), Errc::kInternal);
  EXPECT_EQ(it->numbers().turned["open"], 1u);
}

}  // namespace
}  // namespace brontes::testing
