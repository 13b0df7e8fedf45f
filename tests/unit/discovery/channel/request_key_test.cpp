#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <brontes/discovery/channel/detail/request_key.hpp>

namespace brontes {
namespace {

// Messages that come with protobuf: a request of any shape.
google::protobuf::FieldDescriptorProto request() {
  google::protobuf::FieldDescriptorProto made;
  made.set_name("orders");
  made.set_number(7);
  made.set_type(google::protobuf::FieldDescriptorProto::TYPE_STRING);
  made.mutable_options()->set_packed(true);
  return made;
}

TEST(RequestKey, IsAFieldAsText) {
  EXPECT_EQ(field_text(request(), "name"), "orders");
  EXPECT_EQ(field_text(request(), "number"), "7");
  EXPECT_EQ(field_text(request(), "type"), "9");
  EXPECT_EQ(field_text(request(), "options.packed"), "true");
}

TEST(RequestKey, IsEmptyWhereThereIsNoSuchField) {
  for (const char* path : {"user", "name.first", "options", "options.user", "type_name",
                           "options.uninterpreted_option", "options.weak"})
    EXPECT_EQ(field_text(request(), path), "") << path;
}

TEST(RequestKey, OfMetadataTheFirstCounts) {
  const KeySource source{KeySource::From::kHeader, "x-user"};
  const MetadataList metadata{{"x-other", "1"}, {"x-user", "ann"}, {"x-user", "bob"}};
  EXPECT_EQ(metadata_key(source, metadata), key_hash("ann"));
  EXPECT_EQ(metadata_key(source, {}), 0u);
  EXPECT_EQ(metadata_key({}, metadata), 0u);
}

}  // namespace
}  // namespace brontes
