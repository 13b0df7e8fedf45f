#include <gtest/gtest.h>
#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/call/metadata.hpp>
#include <brontes/actors/testkit/local_door.hpp>
#include <testing.brontes.hpp>

namespace brontes {
namespace {

using testing::Answer;
using testing::Ask;
using Echo = testing::EchoMethods;

TEST(Metadata, TakesLowerCaseKeysAndPrintableValues) {
  EXPECT_TRUE(check_metadata("x-user_id.1", "a b~").ok());
  EXPECT_TRUE(check_metadata("x", "").ok());
  EXPECT_TRUE(check_metadata("x-bin", std::string("\0\xff", 2)).ok());
  EXPECT_TRUE(check_metadata("grpc-retry-pushback-ms", "5").ok());
}

TEST(Metadata, NamesTheKeyOfWhatItRefuses) {
  for (const char* key : {"", "X-User", "x user", "x:", ":path", "j\xc3\xbcrgen"})
    EXPECT_EQ(check_metadata(key, "v").code(), Errc::kInvalidArgument) << key;
  for (const char* value : {"J\xc3\xbcrgen", "a\nb", "a\rb", "\x7f", "\t"})
    EXPECT_EQ(check_metadata("user", value).message().substr(0, 16), "metadata 'user':") << value;
  for (const char* key :
       {"te", "content-type", "connection", "grpc-timeout", "grpc-status", "trailer"})
    EXPECT_NE(check_metadata(key, "v").message().find("transport's own"), std::string::npos) << key;
}

TEST(Metadata, KnowsATraceparent) {
  const std::string good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  EXPECT_TRUE(is_traceparent(good));
  EXPECT_TRUE(is_traceparent("01" + good.substr(2) + "-more"));
  for (const std::string& bad :
       {std::string(), good + "x", good + "-more", "ff" + good.substr(2), good.substr(1),
        "01" + good.substr(2) + "-\xff",
        std::string("00-00000000000000000000000000000000-00f067aa0ba902b7-01"),
        std::string("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"),
        std::string("00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")})
    EXPECT_FALSE(is_traceparent(bad)) << bad;
}

std::string members(int count) {
  std::string list;
  for (int i = 0; i < count; ++i) list += (i ? ",k" : "k") + std::to_string(i) + "=v";
  return list;
}

TEST(Metadata, KnowsATracestate) {
  for (const std::string& good :
       {std::string("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"), std::string("a=b"),
        std::string("a_-*/9= !~;:"), std::string("0tenant@vendor=1"),
        std::string("a=1 , b=2, ,c=3"), "a=" + std::string(256, 'v'), std::string(256, 'k') + "=v",
        std::string(241, 't') + "@" + std::string(14, 'v') + "=1", members(32)})
    EXPECT_TRUE(is_tracestate(good)) << good;
}

TEST(Metadata, RefusesWhatIsNoTracestate) {
  for (const std::string& bad :
       {std::string(),
        std::string(","),
        std::string("a"),
        std::string("=v"),
        std::string("a="),
        std::string("A=v"),
        std::string("0a=v"),
        std::string("a b=v"),
        std::string("a=b=c"),
        std::string("a=\xff"),
        std::string("a=\n"),
        std::string("a=1,a=2"),
        std::string("@v=1"),
        std::string("t@=1"),
        std::string("t@0v=1"),
        std::string("t@v@w=1"),
        "a=" + std::string(257, 'v'),
        std::string(257, 'k') + "=v",
        std::string(242, 't') + "@v=1",
        "t@" + std::string(15, 'v') + "=1",
        members(33),
        members(2) + ",a=" + std::string(250, 'v') + ",b=" + std::string(250, 'v')})
    EXPECT_FALSE(is_tracestate(bad)) << bad;
}

TEST(Metadata, ThatMayNotTravelIsLeftOutOfTheAnswerAndOfTheContext) {
  System system({.deterministic = true});
  MethodTable table(system.clock());
  CallContext context;
  Functions<Echo> echo;
  echo.on<Echo::Say>([&](const Ask&, Answer&, Call& call) {
    call.add_header("user", "J\xc3\xbcrgen");
    call.add_header("good", "yes");
    call.add_trailer("a\nb", "v");
    context = call.context();
    return Status();
  });
  for (const Method& method : echo.rows()) ASSERT_TRUE(table.add(method).ok());
  LocalDoor door(system, table);
  auto call = door.start<Echo::Say>(
      {}, {.metadata = {{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
                        {"tracestate", "a=\xff"}}});
  EXPECT_TRUE(call.status().ok());
  EXPECT_EQ(call.header("good"), "yes");
  EXPECT_EQ(call.header("user"), "");
  EXPECT_EQ(call.trailer("a\nb"), "");
  EXPECT_NE(context.traceparent, "");
  EXPECT_EQ(context.tracestate, "");
}

}  // namespace
}  // namespace brontes
