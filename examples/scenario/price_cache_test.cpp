// A scenario says what happens and expects what must follow. There are no threads and no clock but
// the virtual one: `advance(1h)` takes as long as what happens in that hour.
#include <brontes/actors/testkit/gtest.hpp>

#include "price_cache.hpp"

namespace shop {
namespace {

using namespace std::chrono_literals;
using brontes::Errc;
using brontes::Fault;
using brontes::Status;

class PriceCacheScenario : public brontes::ScenarioTest {
 protected:
  brontes::Probe<Prices> source = probe<Prices>("source");
  brontes::Probe<Prices> customer = probe<Prices>("customer");
  Prices cache = spawn<PriceCacheActor>(source.handle());
};

// [scenario]
TEST_F(PriceCacheScenario, AsksTheSourceOnceInTenSeconds) {
  customer.tell(cache, GetPrice{"bread"});
  auto question = source.expect<GetPrice>();
  EXPECT_EQ(question->article, "bread");
  question.reply(Price{420});
  EXPECT_EQ(customer.expect<Price>()->cents, 420);

  advance(9s);
  customer.tell(cache, GetPrice{"bread"});
  EXPECT_EQ(customer.expect<Price>()->cents, 420);
  source.expect_nothing();

  advance(1s);
  customer.tell(cache, GetPrice{"bread"});
  source.expect<GetPrice>().fail(Errc::kUnavailable);
  EXPECT_TRUE(customer.expect<Price>()->is_stale);
}
// [scenario]

TEST_F(PriceCacheScenario, GivesUpOnASourceThatDoesNotAnswer) {
  inject(Fault::drop(), source);
  customer.tell(cache, GetPrice{"bread"});
  advance(999ms);
  customer.expect_nothing();
  advance(1ms);
  EXPECT_EQ(customer.expect<Status>()->code(), Errc::kDeadlineExceeded);
}

TEST_F(PriceCacheScenario, DoesNotAnswerTwiceWhenTheSourceDoes) {
  customer.tell(cache, GetPrice{"bread"});
  inject(Fault::duplicate(), cache);
  source.expect<GetPrice>().reply(Price{420});
  customer.expect<Price>();
  customer.expect_nothing();
}

}  // namespace
}  // namespace shop
