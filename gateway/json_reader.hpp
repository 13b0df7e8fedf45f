// JSON text straight into messages: strict RFC 8259, the ProtoJSON mapping.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/gateway/json_options.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace google::protobuf {
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace brontes {

/// Reads one value into the message, which should be empty. kInvalidArgument says where:
/// "inner.items[2].amount: expected an integer, got \"x\"" or "byte 17: ...". Refused on top of
/// RFC 8259: a byte order mark, duplicate members, two members of a oneof, text after the value;
/// and what nests more than 100 messages, which no parser of protobuf would take (an object in a
/// Struct nests three).
Status read_json(std::string_view text, const JsonOptions& options,
                 google::protobuf::Message& message);

/// Reads the value of one field, which becomes present. If `leaves` is given it gets the field
/// paths (proto names, relative to the field) of all scalars, lists and maps that the text has.
Status read_json_field(std::string_view text, const JsonOptions& options,
                       google::protobuf::Message& message,
                       const google::protobuf::FieldDescriptor& field,
                       std::vector<std::string>* leaves = nullptr);

}  // namespace brontes
