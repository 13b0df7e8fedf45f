#include <google/protobuf/descriptor.h>
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

TEST_F(RouteTableTest, OnlyTheRouteThatIsFoundHasValues) {
  EXPECT_TRUE(add(Routes::RouteItem::path, {"GET", "/v1/items/{id}", "", ""}).ok());
  EXPECT_TRUE(add(Routes::RouteItem::path, {"PUT", "/v1/items/{name}", "*", ""}).ok());
  EXPECT_EQ(table_.find("GET", "/v1/items/5")->values, (PathValues{{"id", "5"}}));
  EXPECT_TRUE(table_.find("POST", "/v1/items/5")->values.empty());
  EXPECT_FALSE(table_.find("GET", "/v1/items/5")->other_method);
}

TEST_F(RouteTableTest, AVerbWithNothingBeforeItIsNobodysPath) {
  EXPECT_TRUE(add(Routes::RouteItem::path, {"GET", "/v1/items/{id}", "", ""}).ok());
  EXPECT_TRUE(add(Routes::RouteShelf::path, {"POST", "/v1/items/{id}:cancel", "", ""}).ok());
  EXPECT_EQ(found("GET", "/v1/items/:cancel"), "RouteItem");
  EXPECT_TRUE(add(Routes::RouteShelf::path, {"GET", "/v1/items/{id}:cancel", "", ""}).ok());
  EXPECT_EQ(found("GET", "/v1/items/:cancel"), "none");
  EXPECT_EQ(found("GET", "/v1/items/5:cancel"), "RouteShelf");
}

TEST_F(RouteTableTest, WhetherEscapesSeparateIsSaidByTheDecoding) {
  const HttpRule rule{"GET", "/v1/items/{id}", "", ""};
  EXPECT_TRUE(add(Routes::RouteItem::path, rule).ok());
  EXPECT_EQ(found("GET", "/v1/items/a%2Fb"), "none");
  EXPECT_EQ(found("GET", "/v1%2Fitems/a"), "RouteItem");
  for (const auto decoding :
       {PathDecoding::kAllExceptReserved, PathDecoding::kAllExceptSlash, PathDecoding::kAll}) {
    table_ = RouteTable({decoding, false});
    EXPECT_TRUE(add(Routes::RouteItem::path, rule).ok());
    EXPECT_EQ(table_.find("GET", "/v1/items/a%2Fb")->values, (PathValues{{"id", "a/b"}}));
    EXPECT_EQ(found("GET", "/v1%2Fitems/a"), "none");
    EXPECT_FALSE(table_.find("GET", "/v1/items/%zz"));
  }
}

TEST_F(RouteTableTest, PathVariablesMayBeMessagesThatJsonWritesAsOneValue) {
  for (const char* field :
       {"ts", "dur", "mask", "sv", "i64v", "bv", "bytesv", "tags", "inner.name"})
    EXPECT_TRUE(
        add(Echo::Echo::path, {"GET", "/v1/a/{" + std::string(field) + "}/" + field, "", ""}).ok())
        << field;
  for (const char* field : {"any", "st", "list", "val", "times", "items", "empty.x"})
    EXPECT_FALSE(add(Echo::Echo::path, {"GET", "/v1/b/{" + std::string(field) + "}", "", ""}).ok())
        << field;
}

TEST_F(RouteTableTest, RulesOfAServiceAreAddedInTheOrderOfItsFile) {
  EXPECT_TRUE(table_.add_service(methods_, "gwtest.v1.RouteService").empty());
  int last = -1;
  for (const auto& route : table_.routes()) {
    const std::string name = "gwtest.v1.RouteService." + std::string(route->method->name());
    const int index =
        google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name)->index();
    EXPECT_GE(index, last) << name;
    last = index;
  }
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

TEST_F(RouteTableTest, WhatReplacesIsTheLastOneNow) {
  EXPECT_TRUE(add(Routes::RouteShelf::path, {"GET", "/v1/{shelf}", "", ""}).ok());
  EXPECT_TRUE(add(Routes::RouteItem::path, {"GET", "/v1/*", "", ""}).ok());
  EXPECT_TRUE(add(Routes::RouteItem::path, {"PUT", "/v1/{shelf}", "", ""}).ok());
  EXPECT_EQ(found("GET", "/v1/a"), "RouteItem");
  EXPECT_FALSE(add(Routes::RouteShelf::path, {"GET", "/v1/{shelf}", "", ""}).ok());
  EXPECT_EQ(found("GET", "/v1/a"), "RouteShelf");
  EXPECT_EQ(table_.routes().size(), 3u);
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
