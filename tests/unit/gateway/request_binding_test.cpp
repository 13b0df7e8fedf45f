// Who wins when body, path and query name the same field.
#include <gtest/gtest.h>

#include <brontes/actors/call/handlers.hpp>
#include <brontes/gateway/detail/request_binding.hpp>
#include <brontes/gateway/route_table.hpp>

#include "testsvc.brontes.hpp"

namespace brontes::detail {
namespace {

using Echo = gwtest::v1::EchoServiceMethods;
using gwtest::v1::Everything;

struct RequestBinding : testing::Test {
  RequestBinding() {
    for (const Method& row : unimplemented_rows(Echo::All())) EXPECT_TRUE(methods_.add(row).ok());
  }
  /// Routes one request by a rule of its own, and binds it.
  Everything bind(HttpRule rule, const std::string& path, const std::string& query,
                  const std::string& body) {
    Everything message;
    RouteTable table;
    const std::string method = rule.method;
    EXPECT_TRUE(table.add(*methods_.find(Echo::Mirror::path), std::move(rule)).ok());
    auto match = table.find(method, path);
    EXPECT_TRUE(match && match->route);
    if (!match || !match->route) return message;
    RoutedRequest request{{}, query, false, std::move(*match)};
    request.raw.body() = body;
    const Status status = bind_request(request, {}, message);
    EXPECT_TRUE(status.ok()) << status.message();
    return message;
  }

  MethodTable methods_;
};

TEST_F(RequestBinding, APathVariableBeatsAFieldOfTheBody) {
  const auto bound =
      bind({"POST", "/v1/m/{s}", "*", ""}, "/v1/m/path", "", R"({"s":"body","i32":3})");
  EXPECT_EQ(bound.s(), "path");
  EXPECT_EQ(bound.i32(), 3);
}

TEST_F(RequestBinding, ANestedPathVariableBeatsTheBodyOfItsMessage) {
  const auto bound = bind({"POST", "/v1/m/{inner.name}", "inner", ""}, "/v1/m/path", "",
                          R"({"name":"body","amount":3})");
  EXPECT_EQ(bound.inner().name(), "path");
  EXPECT_EQ(bound.inner().amount(), 3);
}

TEST_F(RequestBinding, APathVariableBeatsTheQuery) {
  const auto bound = bind({"GET", "/v1/m/{s}", "", ""}, "/v1/m/path", "s=query&i32=3", "");
  EXPECT_EQ(bound.s(), "path");
  EXPECT_EQ(bound.i32(), 3);
}

TEST_F(RequestBinding, APathVariableIsNoSecondValueToTheQuery) {
  const auto bound = bind({"GET", "/v1/m/{tags}", "", ""}, "/v1/m/a,b", "tags=c", "");
  ASSERT_EQ(bound.tags_size(), 2);
  EXPECT_EQ(bound.tags(1), "b");
}

TEST_F(RequestBinding, TheFieldThatIsTheBodyBeatsTheQuery) {
  const auto bound = bind({"POST", "/v1/m/{s}", "inner", ""}, "/v1/m/path",
                          "inner.name=query&inner.amount=3&i32=4", R"({"name":"body"})");
  EXPECT_EQ(bound.inner().name(), "body");
  EXPECT_EQ(bound.inner().amount(), 0);
  EXPECT_EQ(bound.i32(), 4);
}

TEST_F(RequestBinding, WhereTheBodyIsTheMessageTheQueryIsNotRead) {
  const auto bound = bind({"POST", "/v1/m/{s}", "*", ""}, "/v1/m/path", "i32=4", R"({"u32":5})");
  EXPECT_EQ(bound.i32(), 0);
  EXPECT_EQ(bound.u32(), 5u);
}

}  // namespace
}  // namespace brontes::detail
