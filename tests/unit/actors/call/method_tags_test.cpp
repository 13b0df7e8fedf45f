// What protoc-gen-brontes writes, and what the method table does with it.
#include <gtest/gtest.h>
#include <odd/nameless.grpc.pb.h>
#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/call/method_table.hpp>
#include <odd/nameless.brontes.hpp>
#include <odd/parts/part.brontes.hpp>
#include <testing.brontes.hpp>
#include <type_traits>

namespace brontes {
namespace {

using Echo = testing::EchoMethods;

TEST(MethodTags, HaveTheKindOfTheirMethod) {
  EXPECT_EQ(Echo::Say::kind, Kind::kUnary);
  EXPECT_EQ(Echo::Countdown::kind, Kind::kServerStream);
  EXPECT_EQ(Echo::Collect::kind, Kind::kClientStream);
  EXPECT_EQ(Echo::Chat::kind, Kind::kBidi);
}

TEST(MethodTags, HaveThePathThatGrpcUses) {
  EXPECT_STREQ(Echo::Say::path, "/brontes.testing.Echo/Say");
  EXPECT_STREQ(Echo::service, "brontes.testing.Echo");
  EXPECT_STREQ(NamelessMethods::One::path, "/Nameless/One");
  EXPECT_STREQ(NamelessMethods::service, Nameless::service_full_name());
}

TEST(MethodTags, NameNestedAndImportedTypes) {
  EXPECT_TRUE((std::is_same_v<NamelessMethods::One::Request, Outer_Inner>));
  EXPECT_TRUE((std::is_same_v<NamelessMethods::One::Reply, odd::parts::Part>));
  EXPECT_TRUE((std::is_same_v<NamelessMethods::Some::Request, odd::parts::Part_Side>));
}

TEST(MethodTags, GetAnUnderscoreWhereTheirNameIsTaken) {
  EXPECT_STREQ(NamelessMethods::All_::path, "/Nameless/All");
  EXPECT_STREQ(NamelessMethods::Request_::path, "/Nameless/Request");
  EXPECT_EQ(Functions<NamelessMethods>().rows().size(), 4u);
  EXPECT_EQ(Functions<SecondMethods>().rows().size(), 1u);
}

TEST(MethodTable, FindsWhatWasAddedAndKeepsTheFirst) {
  MethodTable table;
  EXPECT_EQ(table.find(Echo::Say::path), nullptr);
  EXPECT_TRUE(table.add(row<Echo::Say>([](const CallPtr&, const Event&) {})).ok());
  EXPECT_EQ(table.add(row<Echo::Say>(nullptr)).code(), Errc::kAlreadyExists);
  ASSERT_NE(table.find(Echo::Say::path), nullptr);
  EXPECT_TRUE(table.find(Echo::Say::path)->handler);
  EXPECT_EQ(table.find(Echo::Say::path)->service(), "brontes.testing.Echo");
  EXPECT_EQ(table.find(Echo::Say::path)->name(), "Say");
}

TEST(MethodTable, WantsPathsOfServiceAndMethod) {
  MethodTable table;
  for (const char* path : {"", "/", "Say", "/Say", "//Say"}) {
    Method method = row<Echo::Say>(nullptr);
    method.path = path;
    EXPECT_EQ(table.add(method).code(), Errc::kInvalidArgument) << path;
  }
}

}  // namespace
}  // namespace brontes
