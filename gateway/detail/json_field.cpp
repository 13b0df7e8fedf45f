#include <brontes/gateway/detail/json_field.hpp>
#include <brontes/gateway/detail/json_text.hpp>

namespace brontes::detail {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void append_number(const Message& m, const FieldDescriptor& f, int index, bool as_key,
                   std::string& out) {
  const google::protobuf::Reflection& r = *m.GetReflection();
  const auto get = [&](auto one, auto repeated) {
    return index < 0 ? (r.*one)(m, &f) : (r.*repeated)(m, &f, index);
  };
  const auto integer = [&](auto one, auto repeated, bool quoted) {
    append_integer(get(one, repeated), quoted, out);
  };
  switch (f.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return integer(&google::protobuf::Reflection::GetInt32,
                     &google::protobuf::Reflection::GetRepeatedInt32, as_key);
    case FieldDescriptor::CPPTYPE_UINT32:
      return integer(&google::protobuf::Reflection::GetUInt32,
                     &google::protobuf::Reflection::GetRepeatedUInt32, as_key);
    case FieldDescriptor::CPPTYPE_INT64:
      return integer(&google::protobuf::Reflection::GetInt64,
                     &google::protobuf::Reflection::GetRepeatedInt64, true);
    case FieldDescriptor::CPPTYPE_UINT64:
      return integer(&google::protobuf::Reflection::GetUInt64,
                     &google::protobuf::Reflection::GetRepeatedUInt64, true);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return append_float(get(&google::protobuf::Reflection::GetFloat,
                              &google::protobuf::Reflection::GetRepeatedFloat),
                          out);
    default:
      return append_float(get(&google::protobuf::Reflection::GetDouble,
                              &google::protobuf::Reflection::GetRepeatedDouble),
                          out);
  }
}

}  // namespace brontes::detail
