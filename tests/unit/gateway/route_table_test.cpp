#include <gtest/gtest.h>

#include <brontes/actors/call/handlers.hpp>
#include <brontes/gateway/route_table.hpp>

#include "testsvc.brontes.hpp"

namespace brontes {
namespace {

using Echo = gwtest::v1::EchoServiceMethods;
using Routes = gwtest::v1::RouteServiceMethods;
using Streams = gwtest::v1::StreamServiceMethods;

struct RouteTableTest : testing::Test {
  RouteTableTest() {
    for (const auto& methods : {unimplemented_rows(Echo::All()), unimplemented_rows(Routes::All()),
                                unimplemented_rows(Streams::All())})
      for (const Method& row : methods) EXPECT_TRUE(methods_.add(row).ok());
  }
  Status add(const char* method_path, HttpRule rule) {
    return table_.add(*methods_.find(method_path), std::move(rule));
  }
  std::string found(const char* method, const char* path) {
    const auto match = table_.find(method, path);
    if (!match) return match.error().to_string();
    if (match->route) return std::string(match->route->method->name());
    return match->other_method ? "other method" : "none";
  }

  MethodTable methods_;
  RouteTable table_;
};

TEST_F(RouteTableTest, EveryRuleOfTheTestServiceIsARoute) {
  EXPECT_TRUE(table_.add_all(methods_).empty());
  EXPECT_EQ(found("GET", "/v1/shelves/featured"), "RouteFeatured");
  EXPECT_EQ(found("GET", "/"), "RouteRoot");
}

TEST_F(RouteTableTest, LastRuleWins) {
  EXPECT_TRUE(add(Routes::RouteFirstStatic::path, {"GET", "/v1/a/static", "", ""}).ok());
  EXPECT_TRUE(add(Routes::RouteFirstVar::path, {"GET", "/v1/a/{name}", "", ""}).ok());
  EXPECT_EQ(found("GET", "/v1/a/static"), "RouteFirstVar");
}

TEST_F(RouteTableTest, KnowsPathsWithOtherMethods) {
  EXPECT_TRUE(add(Routes::RouteItem::path, {"GET", "/v1/items/{id}", "", ""}).ok());
  EXPECT_TRUE(add(Routes::RouteItem::path, {"PUT", "/v1/items/{id}", "*", ""}).ok());
  EXPECT_EQ(found("POST", "/v1/items/5"), "other method");
  EXPECT_EQ(found("get", "/v1/items/5"), "other method");
  EXPECT_EQ(found("POST", "/v1/nothing/5"), "none");
  EXPECT_EQ(table_.allowed("/v1/items/5"), (std::vector<std::string>{"GET", "PUT"}));
}

TEST_F(RouteTableTest, StarIsAnyMethod) {
  EXPECT_TRUE(add(Routes::RouteItem::path, {"*", "/v1/items/{id}", "", ""}).ok());
  EXPECT_EQ(found("BREW", "/v1/items/5"), "RouteItem");
}

TEST_F(RouteTableTest, MalformedPathsAreRefused) {
  EXPECT_TRUE(add(Routes::RouteItem::path, {"GET", "/v1/items/{id}", "", ""}).ok());
  EXPECT_FALSE(table_.find("GET", "/v1/items/%zz"));
  EXPECT_FALSE(table_.find("GET", "*"));
}

TEST_F(RouteTableTest, RulesThatDoNotFitTheMethodAreLeftOut) {
  const HttpRule rules[] = {
      {"GET", "/v1/{nope}", "", ""},   {"GET", "/v1/{inner}", "", ""},
      {"GET", "/v1/{labels}", "", ""}, {"GET", "/v1/{items.name}", "", ""},
      {"POST", "/v1/a", "nope", ""},   {"GET", "/v1/a", "*", ""},
      {"GET", "/v1/a", "", "nope"},    {"", "/v1/a", "", ""},
      {"GET", "v1/a", "", ""},
  };
  for (const HttpRule& rule : rules)
    EXPECT_EQ(add(Echo::Echo::path, rule).code(), Errc::kInvalidArgument) << rule.path;
  EXPECT_EQ(add(Streams::ClientStream::path, {"POST", "/v1/{text}", "*", ""}).code(),
            Errc::kInvalidArgument);
  EXPECT_TRUE(table_.routes().empty());
}

TEST_F(RouteTableTest, SecondRuleForTheSamePlaceReplacesAndIsTold) {
  EXPECT_TRUE(add(Routes::RouteShelf::path, {"GET", "/v1/{shelf}", "", ""}).ok());
  EXPECT_EQ(add(Routes::RouteShelf::path, {"GET", "/v1/{shelf=*}", "", ""}).code(),
            Errc::kAlreadyExists);
  EXPECT_EQ(table_.routes().size(), 1u);
}

TEST_F(RouteTableTest, UnboundMethodsAreReachedWhenAsked) {
  table_.add_all(methods_);
  EXPECT_EQ(found("POST", Echo::Unbound::path), "none");
  table_ = RouteTable({PathDecoding::kWhole, true});
  table_.add_all(methods_);
  EXPECT_EQ(found("POST", Echo::Unbound::path), "Unbound");
}

TEST_F(RouteTableTest, UnknownServicesAreTold) {
  const auto faults = table_.add_service(methods_, "a.B");
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].code(), Errc::kNotFound);
}

}  // namespace
}  // namespace brontes
