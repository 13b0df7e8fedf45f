// The code of docs/resilience.md, which quotes it.
#include <brontes/actors/log.hpp>

#include "world.hpp"

namespace {

using namespace std::chrono_literals;
using brontes::Errc;
using brontes::Executor;
using brontes::Expected;
using brontes::Status;

struct Price {
  int cents = 0;
};

struct Shop {
  Expected<Price> answer = Price{420};
  Expected<Price> ask(const std::string&) const { return answer; }
};

class ResilienceGuide : public brontes::testing::GuardScenario {};

TEST_F(ResilienceGuide, AroundAFunction) {
  brontes::System& system = this->system();
  Shop shop;
  const auto price_from_cache = [](const Status&) -> Expected<Price> { return Price{400}; };
  // [function]
  using namespace brontes;
  auto breaker = Breaker::make(system, "shop", BreakerOptions::gobreaker());
  auto limit = RateLimit::make(system, "shop", {.per_second = 50, .burst = 10});
  if (!breaker || !limit) return;  // the error names the option that cannot be

  const auto guarded = chain(otherwise(price_from_cache), *breaker, *limit);

  Expected<Price> price = guarded.run([&] { return shop.ask("bread"); });
  // [/function]
  EXPECT_EQ(price->cents, 420);
  shop.answer = brontes::fail(Errc::kUnavailable, "closed");
  EXPECT_EQ(guarded.run([&] { return shop.ask("bread"); })->cents, 400);
}

TEST_F(ResilienceGuide, AroundACall) {
  brontes::System& system = this->system();
  brontes::Promise<Price> answer;
  const Executor executor = [](const std::function<void()>& job) { job(); };
  // As call<Shop::GetPrice>(channel, request) does.
  const auto ask_for_price = [answer](const std::string&) { return answer.later(); };
  int cents = 0;
  // [call]
  using namespace brontes;
  auto guarded = hystrix(system, "shop");  // breaker > bulkhead > time limit
  if (!guarded) return;

  guarded->start([&] { return ask_for_price("bread"); }).then(executor, [&](Expected<Price> price) {
    cents = price ? price->cents : -1;
  });
  // [/call]
  answer.finish(Price{420});
  EXPECT_EQ(cents, 420);
}

TEST_F(ResilienceGuide, WaitingForOnesTurn) {
  brontes::System& system = this->system();
  const auto ask_for_price = [](const std::string&) -> Expected<Price> { return Price{420}; };
  const Executor executor = [](const std::function<void()>& job) { job(); };
  int cents = 0;
  const std::string tenant = "acme";
  // [waiting]
  using namespace brontes;
  auto limit = RateLimit::make(system, "shop", {.per_second = 50, .burst = 1, .max_wait = 200ms});
  auto rooms = PerKey::make("tenants", [&](const std::string& key) {
    return Bulkhead::make(system, "tenant " + key, {.max_concurrent = 8, .max_waiting = 20});
  });
  if (!limit || !rooms) return;

  const auto guarded = chain(*rooms, *limit);
  guarded.start([&] { return ask_for_price("bread"); }, {.key = tenant})
      .then(executor, [&](Expected<Price> price) { cents = price ? price->cents : -1; });
  // [/waiting]
  run();
  EXPECT_EQ(cents, 420);
}

TEST_F(ResilienceGuide, LookingAtABreaker) {
  const auto breaker = this->breaker();
  // [state]
  const auto listening = breaker->on_transition([](const brontes::BreakerTransition& change) {
    brontes::log_info("shop", "breaker={} to={} why=\"{}\"", change.breaker,
                      to_string(change.now.state), change.now.why);
  });

  breaker->force_open(10min);  // whatever the calls do
  breaker->release();          // closed, and counting
  // [/state]
  run();
  EXPECT_EQ(breaker->state().state, brontes::BreakerState::kClosed);
  EXPECT_EQ(breaker->state().generation, 3u);
}

}  // namespace
