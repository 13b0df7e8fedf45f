#include <gtest/gtest.h>
#include <brontes/actors/call/handlers.hpp>
#include <testing.brontes.hpp>

namespace brontes {
namespace {

using testing::Answer;
using testing::Ask;
using Echo = testing::EchoMethods;

TEST(Functions, HaveARowForEachMethodOfTheService) {
  Functions<Echo> echo;
  echo.on<Echo::Say>([](const Ask& ask, Answer& answer) {
    answer.set_text(ask.name());
    return Status();
  });
  echo.on<Echo::Say>([](const Ask&, Answer&, Call&) { return Status(); });
  echo.on<Echo::Countdown>([](const Ask& ask) {
    return [left = ask.count()](Answer& answer) mutable {
      answer.set_index(left);
      return left-- > 0;
    };
  });
  echo.on<Echo::Collect>([] {
    return [](const Ask* ask, Answer& answer) {
      if (ask) answer.set_index(answer.index() + 1);
      return Status();
    };
  });
  echo.on<Echo::Chat>([p = std::make_unique<int>()](Call&) {
    return [](const Ask* ask, Writer<Answer>& answers) {
      if (ask) answers.write({});
      return Status();
    };
  });
  echo.on<Echo::Chat>([](CallPtr, const Event&) {});
  echo.on<Echo::Chat>([](const CallPtr&, Event&) {});
  EXPECT_EQ(echo.rows().size(), 5u);
}

}  // namespace
}  // namespace brontes
