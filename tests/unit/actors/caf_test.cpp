#include <brontes/actors/caf.hpp>
#include <brontes/actors/testkit/gtest.hpp>

#include "counter.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;

TEST(CafError, KeepsEveryPartOfAStatus) {
  for (int code = 1; code <= 16; ++code) {
    const Status status(static_cast<Errc>(code), "what was tried", std::string("\0\x01", 2));
    EXPECT_EQ(to_status(to_error(status)), status);
  }
}

TEST(CafError, OfAGoodStatusIsNone) {
  EXPECT_FALSE(to_error({}));
  EXPECT_TRUE(to_status(caf::error{}).ok());
}

TEST(CafError, OfCafItselfHasACanonicalCode) {
  EXPECT_EQ(to_status(caf::sec::request_timeout).code(), Errc::kDeadlineExceeded);
  EXPECT_EQ(to_status(caf::sec::request_receiver_down).code(), Errc::kUnavailable);
  EXPECT_EQ(to_status(caf::exit_reason::user_shutdown).code(), Errc::kUnavailable);
  EXPECT_EQ(to_status(caf::exit_reason::kill).code(), Errc::kUnavailable);
  EXPECT_EQ(to_status(caf::sec::unexpected_response).code(), Errc::kInternal);
}

class CafScenario : public ScenarioTest {};

TEST_F(CafScenario, ARequestToAnActorThatIsGoneIsUnavailable) {
  auto counter = spawn<CounterActor>();
  stop(counter);
  auto asker = probe<Counter>("asker");
  asker.tell(counter, GetCount{});
  EXPECT_EQ(asker.expect<Status>()->code(), Errc::kUnavailable);
}

}  // namespace
}  // namespace brontes::testing
