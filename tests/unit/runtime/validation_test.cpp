#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>
#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/testkit/local_door.hpp>
#include <brontes/actors/testkit/scenario.hpp>
#include <brontes/runtime/interceptors/authentication.hpp>
#include <brontes/runtime/interceptors/validation.hpp>
#include <stdexcept>
#include <testing.brontes.hpp>

namespace brontes::testing {

// Found by its type, as an application would have it beside its messages.
void validate(const Ask& ask, Violations& wrong) {
  if (ask.name().empty()) wrong.add("name", "must not be empty");
  if (ask.count() < 0) wrong.in("limits").in("low").add("count", "must not be negative");
  if (ask.name() == "throw") throw std::runtime_error("a secret cause");
}

namespace {

using Echo = EchoMethods;

struct Hooked : ::testing::Test {
  Hooked() {
    Functions<Echo> echo;
    echo.on<Echo::Say>([this](const Ask&, Answer&, Call& call) {
      ++served;
      who = call.context().principal;
      return Status();
    });
    echo.on<Echo::Collect>([this] {
      return [this](const Ask* ask, Answer&) {
        served += ask ? 1 : 0;
        return Status();
      };
    });
    for (const Method& method : echo.rows()) EXPECT_TRUE(table.add(method).ok());
  }
  static Ask ask(const std::string& name, int count = 0) {
    Ask ask;
    ask.set_name(name);
    ask.set_count(count);
    return ask;
  }
  Status say(const std::string& name, int count = 0, LocalCallOptions options = {}) {
    return door.start<Echo::Say>(ask(name, count), std::move(options)).status();
  }
  void validate_by(std::shared_ptr<Validation> validation) { table.intercept(validation); }

  Scenario stage;
  MethodTable table{stage.system().clock()};
  LocalDoor door{stage.system(), table};
  int served = 0;
  std::shared_ptr<const Principal> who;
};

struct Validated : Hooked {
  Validated() {
    validation->set_found(Echo::All{});
    validate_by(validation);
  }
  std::shared_ptr<Validation> validation = std::make_shared<Validation>();
};

TEST_F(Validated, ARequestThatIsRightIsServed) {
  EXPECT_TRUE(say("ada").ok());
  EXPECT_EQ(served, 1);
}

TEST_F(Validated, ARequestThatIsWrongIsRefusedWithItsFields) {
  const Status status = say("", -1);
  EXPECT_EQ(served, 0);
  EXPECT_EQ(status.code(), Errc::kInvalidArgument);
  EXPECT_EQ(status.message(), "request is invalid: name: must not be empty (and 1 more)");
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.details()));
  EXPECT_EQ(details.code(), 3);
  EXPECT_EQ(details.message(), status.message());
  google::rpc::BadRequest bad;
  ASSERT_EQ(details.details_size(), 1);
  ASSERT_TRUE(details.details(0).UnpackTo(&bad));
  ASSERT_EQ(bad.field_violations_size(), 2);
  EXPECT_EQ(bad.field_violations(0).field(), "name");
  EXPECT_EQ(bad.field_violations(0).description(), "must not be empty");
  EXPECT_EQ(bad.field_violations(1).field(), "limits.low.count");
}

TEST_F(Validated, EveryMessageOfAStreamIsLookedAt) {
  auto call = door.start<Echo::Collect>();
  call.send(ask("ada"));
  call.send(ask(""));
  call.send(ask("bob"));
  call.half_close();
  EXPECT_EQ(call.status().code(), Errc::kInvalidArgument);
  EXPECT_FALSE(call.status().details().empty());
  EXPECT_EQ(served, 1);
}

TEST_F(Validated, AValidatorThatThrowsAnswersInternal) {
  const Status status = say("throw");
  EXPECT_EQ(status.code(), Errc::kInternal);
  EXPECT_EQ(status.message().find("secret"), std::string::npos);
  EXPECT_EQ(served, 0);
}

TEST_F(Hooked, AValidatorThatIsSetWinsOverTheOneThatIsFound) {
  const auto validation = std::make_shared<Validation>();
  validation->set<Ask>([](const Ask&, Violations& wrong) { wrong.add("", "is never right"); });
  validation->set_found(Echo::All{});
  validate_by(validation);
  EXPECT_EQ(say("ada").message(), "request is invalid: is never right");
}

TEST_F(Hooked, MethodsWithoutAValidatorHaveNothingInTheirChain) {
  validate_by(std::make_shared<Validation>());
  for (const auto& [path, method] : table.rows()) EXPECT_TRUE(method.chain.all.empty()) << path;
}

TEST_F(Hooked, AMessageNamesAHundredViolationsAtMost) {
  const auto validation = std::make_shared<Validation>();
  validation->set<Ask>([](const Ask&, Violations& wrong) {
    for (int i = 0; i < 1000; ++i) wrong.add("name", "is wrong");
  });
  validate_by(validation);
  google::rpc::Status details;
  google::rpc::BadRequest bad;
  ASSERT_TRUE(details.ParseFromString(say("ada").details()));
  ASSERT_TRUE(details.details(0).UnpackTo(&bad));
  EXPECT_EQ(bad.field_violations_size(), 100);
}

struct LateMethods {
  struct Late {
    using Request = Answer;
  };
  using All = MethodList<Late>;
};

TEST(Validation, FindsWhatIsDeclaredFurtherDownInTheFile) {
  const auto validation = std::make_shared<Validation>();
  validation->set_found(LateMethods::All{});
  Method method;
  method.request = &Answer::default_instance();
  EXPECT_NE(validation->for_method(method, validation), nullptr);
  method.request = &Ask::default_instance();
  EXPECT_EQ(validation->for_method(method, validation), nullptr);
}

struct Authenticated : Hooked {
  Authenticated() {
    table.intercept(std::make_shared<Authentication>(
        bearer([this](std::string_view token) -> Expected<Principal> {
          ++asked;
          if (token == "secret") return Principal{"ada", {{"role", "smith"}}};
          if (token == "banned") return fail(Errc::kPermissionDenied, "banned");
          return fail(Errc::kUnauthenticated, "no such token");
        })));
  }
  Status say_with(const std::string& authorization) {
    return say("ada", 0, {.metadata = {{"authorization", authorization}}});
  }
  int asked = 0;
};

TEST_F(Authenticated, TheHandlerLearnsWhoCalls) {
  EXPECT_TRUE(say_with("Bearer secret").ok());
  ASSERT_TRUE(who);
  EXPECT_EQ(who->name, "ada");
  EXPECT_EQ(who->claims.at("role"), "smith");
  EXPECT_TRUE(say_with("bearer  secret").ok());
}

TEST_F(Authenticated, WhatTheHookSaysIsTheAnswer) {
  EXPECT_EQ(say_with("Bearer wrong").code(), Errc::kUnauthenticated);
  EXPECT_EQ(say_with("Bearer banned").code(), Errc::kPermissionDenied);
  EXPECT_EQ(served, 0);
  EXPECT_EQ(asked, 2);
}

TEST_F(Authenticated, WithoutATokenNobodyIsAsked) {
  for (const char* value : {"", "Bearer", "Bearer ", "Bearer   ", "Basic c2VjcmV0", "Bearersecret"})
    EXPECT_EQ(say_with(value).code(), Errc::kUnauthenticated) << value;
  EXPECT_EQ(say("ada").code(), Errc::kUnauthenticated);
  EXPECT_EQ(asked, 0);
}

}  // namespace

void validate(const Answer& answer, Violations& wrong) {
  if (answer.text().empty()) wrong.add("text", "must not be empty");
}

}  // namespace brontes::testing
