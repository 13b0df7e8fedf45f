// In a program without generated code for google/api/annotations.proto.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <brontes/gateway/http_rule.hpp>

namespace brontes {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MethodDescriptor;

// A descriptor whose pool does not know the extension has it as an unknown field.
class Unlinked {
 public:
  explicit Unlinked(const std::string& option) {
    google::protobuf::FileDescriptorProto file;
    file.set_name("a.proto");
    file.set_package("a");
    file.add_message_type()->set_name("M");
    auto& service = *file.add_service();
    service.set_name("S");
    auto& method = *service.add_method();
    method.set_name("Do");
    method.set_input_type(".a.M");
    method.set_output_type(".a.M");
    method.mutable_options()->mutable_unknown_fields()->AddLengthDelimited(72295728, option);
    pool_.BuildFile(file);
  }
  const MethodDescriptor& method() const { return *pool_.FindMethodByName("a.S.Do"); }

 private:
  DescriptorPool pool_;
};

TEST(HttpRule, ReadsTheUnlinkedOption) {
  const Unlinked file("\x12\x03/v1");
  const auto rules = http_rules(file.method());
  ASSERT_TRUE(rules);
  ASSERT_EQ(rules->size(), 1u);
  EXPECT_EQ(rules->front().path, "/v1");
}

TEST(HttpRule, MalformedOptionsAreToldWithTheMethod) {
  const Unlinked file("\x12\x7f/v1");
  const auto rules = http_rules(file.method());
  ASSERT_FALSE(rules);
  EXPECT_EQ(rules.error().message(), "http rule of a.S.Do: cannot be read; the rule is left out");
}

TEST(HttpRule, BindingsDoNotNest) {
  const Unlinked file("\x12\x02/a\x5a\x08\x12\x02/b\x5a\x02\x12");
  EXPECT_FALSE(http_rules(file.method()));
}

}  // namespace
}  // namespace brontes
