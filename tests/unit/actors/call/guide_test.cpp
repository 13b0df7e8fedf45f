// The code of docs/calls.md, which quotes it.
#include <gtest/gtest.h>
#include <brontes/actors/call/actor_host.hpp>
#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/call/interceptor.hpp>
#include <brontes/actors/testkit/local_door.hpp>
#include <brontes/actors/testkit/scenario.hpp>
#include <map>
#include <testing.brontes.hpp>

namespace {

using namespace std::chrono_literals;
using brontes::Call;
using brontes::Errc;
using brontes::Status;
using brontes::testing::Answer;
using brontes::testing::Ask;
using brontes::testing::EchoMethods;

brontes::Functions<EchoMethods> echo_functions() {
  // [functions]
  brontes::Functions<EchoMethods> echo;

  echo.on<EchoMethods::Say>([](const Ask& ask, Answer& answer) -> Status {
    if (ask.name().empty()) return {Errc::kInvalidArgument, "say hello: name is empty"};
    answer.set_text("hello " + ask.name());
    return {};
  });

  echo.on<EchoMethods::Countdown>([](const Ask& ask) {
    return [left = ask.count()](Answer& answer) mutable {
      answer.set_index(left);
      return left-- > 0;
    };
  });

  echo.on<EchoMethods::Collect>([] {
    return [](const Ask* ask, Answer& answer) -> Status {
      if (ask) answer.set_index(answer.index() + 1);
      return {};
    };
  });

  echo.on<EchoMethods::Chat>([] {
    return [](const Ask* ask, brontes::Writer<Answer>& answers) -> Status {
      Answer answer;
      if (ask) answer.set_text("you said " + ask->name());
      if (ask) answers.write(answer);
      return {};
    };
  });
  // [/functions]
  return echo;
}

// [actor]
class Guests final : public brontes::ServiceActor {
 public:
  Guests() {
    on<EchoMethods::Say>([this](const Ask& ask, Answer& answer) -> Status {
      answer.set_index(++visits_[ask.name()]);
      return {};
    });
  }

 private:
  std::map<std::string, int> visits_;
};
// [/actor]

// [later]
class Kitchen final : public brontes::ServiceActor {
 public:
  Kitchen() {
    on<EchoMethods::Say>([this](const Ask& ask, brontes::Reply<EchoMethods::Say> reply) {
      reply->set_text(ask.name() + ", well done");
      after(20min, [reply = std::move(reply)]() mutable { reply.finish(); });
    });
  }
};
// [/later]

// [events]
class Numbers final : public brontes::ServiceActor {
 public:
  Numbers() {
    on<EchoMethods::Countdown>([](const brontes::CallPtr& call, brontes::Event& event) {
      if (event.type == brontes::Event::Type::kStarted)
        call->state = std::make_shared<int>(call->request<Ask>().count());
      int& left = *std::static_pointer_cast<int>(call->state);
      for (int credit = event.credit; credit > 0; --credit, --left) {
        if (left == 0) return call->finish({});
        auto answer = std::make_unique<Answer>();
        answer->set_index(left);
        call->write(std::move(answer));
      }
    });
  }
};
// [/events]

// [interceptor]
class Doorman final : public brontes::Interceptor {
 public:
  const char* name() const override { return "doorman"; }
  Status on_headers(Call& call) override {
    if (call.metadata("authorization").empty())
      return {Errc::kUnauthenticated, "the call has no authorization"};
    return {};
  }
};
// [/interceptor]

TEST(Guide, FunctionsAnswerAllKinds) {
  brontes::System system({.deterministic = true});
  brontes::MethodTable table(system.clock());
  const auto echo = echo_functions();
  for (const brontes::Method& method : echo.rows()) ASSERT_TRUE(table.add(method).ok());
  brontes::LocalDoor door(system, table);
  Ask ada;
  ada.set_name("ada");
  ada.set_count(2);
  EXPECT_EQ(door.call<EchoMethods::Say>(ada)->text(), "hello ada");
  auto countdown = door.start<EchoMethods::Countdown>(ada);
  EXPECT_EQ(countdown.next_reply()->index(), 2);
  auto collect = door.start<EchoMethods::Collect>();
  collect.send(ada);
  collect.half_close();
  EXPECT_EQ(collect.next_reply()->index(), 1);
  auto chat = door.start<EchoMethods::Chat>();
  chat.send(ada);
  EXPECT_EQ(chat.next_reply()->text(), "you said ada");
}

// [test]
TEST(Guests, AreCounted) {
  brontes::System system({.deterministic = true});
  brontes::MethodTable table(system.clock());
  const auto host = brontes::host<Guests, EchoMethods>(system, table);
  ASSERT_TRUE(host);
  brontes::LocalDoor door(system, table);

  Ask ada;
  ada.set_name("ada");
  EXPECT_EQ(door.call<EchoMethods::Say>(ada)->index(), 1);
  EXPECT_EQ(door.call<EchoMethods::Say>(ada)->index(), 2);
}

TEST(Kitchen, TakesItsTime) {
  brontes::Scenario stage;
  brontes::MethodTable table(stage.system().clock());
  const auto host = brontes::host<Kitchen, EchoMethods>(stage.system(), table);
  brontes::LocalDoor door(stage.system(), table);

  auto order = door.start<EchoMethods::Say>({}, {.timeout = 30min});
  stage.advance(19min);
  EXPECT_FALSE(order.finished());
  stage.advance(1min);
  EXPECT_TRUE(order.status().ok());
}
// [/test]

TEST(Guide, EventsAndInterceptors) {
  brontes::Scenario stage;
  brontes::MethodTable table(stage.system().clock());
  table.intercept(std::make_shared<Doorman>());
  const auto host = brontes::host<Numbers, EchoMethods>(stage.system(), table);
  brontes::LocalDoor door(stage.system(), table);
  Ask ask;
  ask.set_count(100);
  EXPECT_EQ(door.start<EchoMethods::Countdown>(ask).status().code(), Errc::kUnauthenticated);
  auto call = door.start<EchoMethods::Countdown>(ask, {.metadata = {{"authorization", "x"}}});
  for (int left = 100; left > 0; --left) ASSERT_EQ(call.next_reply()->index(), left);
  EXPECT_TRUE(call.status().ok());
}

}  // namespace
