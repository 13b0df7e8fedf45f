#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <brontes/gateway/http_rule.hpp>

#include "testsvc.pb.h"

namespace brontes {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MethodDescriptor;

const MethodDescriptor& linked(const char* name) {
  (void)gwtest::v1::Small::descriptor();  // pulls the file in
  return *DescriptorPool::generated_pool()->FindMethodByName(std::string("gwtest.v1.") + name);
}

TEST(HttpRule, ReadsTheLinkedOption) {
  const auto rules = http_rules(linked("EchoService.Fail"));
  ASSERT_TRUE(rules);
  ASSERT_EQ(rules->size(), 2u);
  EXPECT_EQ(rules->at(0).method, "GET");
  EXPECT_EQ(rules->at(0).path, "/v1/fail/{code}");
  EXPECT_EQ(rules->at(1).method, "POST");
  EXPECT_EQ(rules->at(1).body, "*");
}

TEST(HttpRule, ReadsCustomMethodsAndResponseBodies) {
  const auto echo = http_rules(linked("EchoService.Echo"));
  ASSERT_TRUE(echo);
  EXPECT_EQ(echo->back().method, "*");
  EXPECT_EQ(echo->back().path, "/v1/anymethod/{s}");
  EXPECT_EQ(http_rules(linked("EchoService.DownloadWrapped"))->front().response_body, "body");
}

TEST(HttpRule, MethodsWithoutTheOptionHaveNone) {
  EXPECT_TRUE(http_rules(linked("EchoService.Unbound"))->empty());
}

}  // namespace
}  // namespace brontes
