#include <gtest/gtest.h>
#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/resilience/breaker.hpp>
#include <brontes/actors/resilience/bulkhead.hpp>
#include <brontes/actors/resilience/per_key.hpp>
#include <brontes/actors/testkit/local_door.hpp>
#include <brontes/actors/testkit/scenario.hpp>
#include <brontes/runtime/interceptors/guarded_methods.hpp>
#include <brontes/runtime/observability/guard_metrics.hpp>
#include <testing.brontes.hpp>

namespace brontes {
namespace {

using namespace std::chrono_literals;
using testing::Answer;
using testing::Ask;
using Echo = testing::EchoMethods;

struct GuardedServer : ::testing::Test {
  /// A guard before Say, none before the others.
  void guard(GuardPtr guard, GuardedMethods::Key key = {}) {
    table.intercept(std::make_shared<GuardedMethods>(
        [guard](const Method& method) { return method.name() == "Say" ? guard : nullptr; }, key));
    Functions<Echo> echo;
    echo.on<Echo::Say>([this](const Ask&, Reply<Echo::Say> reply) {
      ++served;
      if (hold)
        held.push_back(std::move(reply));
      else
        reply.finish(answer);
    });
    for (const Method& method : echo.rows()) EXPECT_TRUE(table.add(method).ok());
  }
  LocalCall<Echo::Say> start(const std::string& tenant = "") {
    return door.start<Echo::Say>({}, {.metadata = {{"x-tenant", tenant}}});
  }
  Errc say(const std::string& tenant = "") { return start(tenant).status().code(); }

  Scenario stage;
  MethodTable table{stage.system().clock()};
  LocalDoor door{stage.system(), table};
  int served = 0;
  Status answer;
  bool hold = false;
  std::vector<Reply<Echo::Say>> held;
};

TEST_F(GuardedServer, ABreakerOfAMethodOpensAndCloses) {
  const auto breaker = Breaker::make(stage.system(), "Say").value();
  guard(breaker);
  answer = {Errc::kInternal, "broken"};
  for (int i = 0; i < 10; ++i) say();
  EXPECT_EQ(served, 6);
  EXPECT_EQ(say(), Errc::kUnavailable);
  stage.advance(60s);
  answer = {};
  EXPECT_EQ(say(), Errc::kOk);
  EXPECT_EQ(breaker->state().state, BreakerState::kClosed);
}

TEST_F(GuardedServer, ABulkheadLetsInSoManyCallsAtATime) {
  const auto room = Bulkhead::make(stage.system(), "Say", {.max_concurrent = 2}).value();
  guard(room);
  hold = true;
  auto first = start(), second = start();
  EXPECT_EQ(say(), Errc::kResourceExhausted);
  EXPECT_EQ(served, 2);
  held[0].finish();
  EXPECT_TRUE(first.status().ok());
  hold = false;
  EXPECT_EQ(say(), Errc::kOk);
  held[1].finish();
  EXPECT_EQ(room->numbers().now["in_flight"], 0);
}

TEST_F(GuardedServer, ACallerWhoLeavesLeavesItsPlace) {
  const auto room = Bulkhead::make(stage.system(), "Say", {.max_concurrent = 1}).value();
  guard(room);
  hold = true;
  start().cancel();
  held.clear();
  stage.run();
  EXPECT_EQ(room->numbers().now["in_flight"], 0);
}

TEST_F(GuardedServer, ATenantHasARoomOfItsOwn) {
  const auto rooms =
      PerKey::make("tenants", [&](const std::string& tenant) {
        return Bulkhead::make(stage.system(), "tenant " + tenant, {.max_concurrent = 1});
      }).value();
  guard(rooms, [](const Call& call) { return call.metadata("x-tenant"); });
  hold = true;
  const auto inside = start("a");
  EXPECT_EQ(say("a"), Errc::kResourceExhausted);
  hold = false;
  EXPECT_EQ(say("b"), Errc::kOk);
  held.clear();
}

TEST_F(GuardedServer, AMethodWithoutAGuardIsNotTouched) {
  const auto breaker = Breaker::make(stage.system(), "Say").value();
  breaker->force_open();
  stage.run();
  guard(breaker);
  EXPECT_EQ(say(), Errc::kUnavailable);
  const auto missing = door.call<Echo::Missing>({});
  EXPECT_EQ(missing.error().code(), Errc::kUnimplemented);
}

TEST(GuardMetrics, ShowWhatGuardsHaveCounted) {
  Scenario stage;
  const auto breaker = Breaker::make(stage.system(), "shop").value();
  breaker->force_open();
  stage.run();
  Permit permit;
  Status why;
  (void)breaker->enter({}, false, permit, why);
  const auto families = guard_families({breaker});
  const auto value = [&](const std::string& name, const MetricLabels& labels) {
    for (const auto& family : families)
      for (const auto& sample : family.samples)
        if (family.name == name && sample.labels == labels) return sample.value;
    return -1.0;
  };
  EXPECT_EQ(value("brontes_breaker_state", {{"guard", "shop"}}), 2);
  EXPECT_EQ(value("brontes_breaker_transitions_total", {{"guard", "shop"}, {"to", "open"}}), 1);
  EXPECT_EQ(value("brontes_guard_refused_total",
                  {{"guard", "shop"}, {"kind", "breaker"}, {"reason", "forced"}}),
            1);
}

}  // namespace
}  // namespace brontes
