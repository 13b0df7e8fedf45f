#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <brontes/discovery/channel/client_call.hpp>
#include <brontes/discovery/channel/detail/channel_core.hpp>
#include <brontes/discovery/channel/detail/request_key.hpp>

namespace brontes {
namespace {

namespace pb = google::protobuf;
using Type = pb::FieldDescriptor::CppType;

std::string key_text(const pb::Message& message, const pb::FieldDescriptor& field) {
  const pb::Reflection& read = *message.GetReflection();
  switch (field.cpp_type()) {
    case Type::CPPTYPE_STRING:
      return read.GetString(message, &field);
    case Type::CPPTYPE_INT32:
      return std::to_string(read.GetInt32(message, &field));
    case Type::CPPTYPE_INT64:
      return std::to_string(read.GetInt64(message, &field));
    case Type::CPPTYPE_UINT32:
      return std::to_string(read.GetUInt32(message, &field));
    case Type::CPPTYPE_UINT64:
      return std::to_string(read.GetUInt64(message, &field));
    case Type::CPPTYPE_BOOL:
      return read.GetBool(message, &field) ? "true" : "false";
    case Type::CPPTYPE_ENUM:
      return std::to_string(read.GetEnumValue(message, &field));
    default:  // no two floating-point numbers are the same
      return {};
  }
}

}  // namespace

std::string field_text(const pb::Message& message, std::string_view path) {
  const std::size_t dot = std::min(path.find('.'), path.size());
  const auto* field = message.GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  if (!field || field->is_repeated()) return {};
  const pb::Reflection& read = *message.GetReflection();
  if (field->has_presence() && !read.HasField(message, field)) return {};
  if (dot == path.size()) return key_text(message, *field);
  if (field->cpp_type() != Type::CPPTYPE_MESSAGE) return {};
  return field_text(read.GetMessage(message, field), path.substr(dot + 1));
}

std::uint64_t metadata_key(const KeySource& source, const MetadataList& metadata) {
  if (source.from != KeySource::From::kHeader) return 0;
  for (const auto& [name, value] : metadata)
    if (name == source.name) return key_hash(value);
  return 0;
}

void take_key(const Channel& channel, std::string_view path, const pb::Message& request,
              CallOptions& options) {
  const KeySource& source = channel.core()->rules.of(path).key;
  if (source.from == KeySource::From::kField && options.key.empty())
    options.key = field_text(request, source.name);
}

}  // namespace brontes
