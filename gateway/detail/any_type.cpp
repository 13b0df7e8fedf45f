#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>

#include <brontes/gateway/detail/any_type.hpp>
#include <utility>

namespace brontes::detail {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::DescriptorProto;
using google::protobuf::FieldDescriptorProto;

void add_text(DescriptorProto& type, const char* name, int number) {
  FieldDescriptorProto& field = *type.add_field();
  field.set_name(name);
  field.set_number(number);
  field.set_type(FieldDescriptorProto::TYPE_STRING);
  field.set_label(FieldDescriptorProto::LABEL_OPTIONAL);
}

google::protobuf::FileDescriptorProto bad_request_file() {
  google::protobuf::FileDescriptorProto file;
  file.set_name("google/rpc/bad_request");
  file.set_package("google.rpc");
  file.set_syntax("proto3");
  DescriptorProto& type = *file.add_message_type();
  type.set_name("BadRequest");
  DescriptorProto& violation = *type.add_nested_type();
  violation.set_name("FieldViolation");
  add_text(violation, "field", 1);
  add_text(violation, "description", 2);
  FieldDescriptorProto& list = *type.add_field();
  list.set_name("field_violations");
  list.set_number(1);
  list.set_type(FieldDescriptorProto::TYPE_MESSAGE);
  list.set_type_name(".google.rpc.BadRequest.FieldViolation");
  list.set_label(FieldDescriptorProto::LABEL_REPEATED);
  return file;
}

// In a pool of its own: an application may link the real one.
const google::protobuf::Message* bad_request() {
  static DescriptorPool pool;
  static google::protobuf::DynamicMessageFactory factory(&pool);
  static const google::protobuf::Message* prototype =
      factory.GetPrototype(pool.BuildFile(bad_request_file())->message_type(0));
  return prototype;
}

}  // namespace

const google::protobuf::Message* any_prototype(const std::string& url) {
  const std::string name = url.substr(url.rfind('/') + 1);
  if (const auto* type = DescriptorPool::generated_pool()->FindMessageTypeByName(name))
    return google::protobuf::MessageFactory::generated_factory()->GetPrototype(type);
  return name == "google.rpc.BadRequest" ? bad_request() : nullptr;
}

}  // namespace brontes::detail
