#include <gtest/gtest.h>

#include <brontes/gateway/http_handler.hpp>

namespace brontes {
namespace {

TEST(HttpRequest, HeadersAreFoundByTheirWholeNameInAnyCaseTheFirstOne) {
  HttpRequest request;
  request.headers = {{"X-Trace", "1"}, {"x-trace", "2"}, {"X-Trace-Id", "3"}};
  EXPECT_EQ(request.header("X-TRACE"), "1");
  EXPECT_EQ(request.header("x-trace-id"), "3");
  EXPECT_EQ(request.header("x"), "");
  EXPECT_EQ(request.header("x-trace-id-2"), "");
}

TEST(HttpRequest, VariablesAreFoundByTheirNameAsWritten) {
  HttpRequest request;
  request.variables = {{"path", "a/b"}, {"Path", "c"}};
  EXPECT_EQ(request.variable("path"), "a/b");
  EXPECT_EQ(request.variable("Path"), "c");
  EXPECT_EQ(request.variable("pat"), "");
}

TEST(HttpResponse, SaysWhatItHolds) {
  const HttpResponse json = HttpResponse::json("{}"), text = HttpResponse::text("no", 404);
  EXPECT_EQ(json.status, 200);
  EXPECT_EQ(json.headers, (HttpHeaders{{"Content-Type", "application/json"}}));
  EXPECT_EQ(json.body, "{}");
  EXPECT_EQ(text.status, 404);
  EXPECT_EQ(text.headers, (HttpHeaders{{"Content-Type", "text/plain; charset=utf-8"}}));
  EXPECT_EQ(HttpResponse::json("{}", 201).status, 201);
  EXPECT_EQ(HttpResponse::text("").status, 200);
}

}  // namespace
}  // namespace brontes
