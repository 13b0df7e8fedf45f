// Messages as JSON text, in one pass over reflection: no DOM, no intermediate wire format.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/gateway/json_options.hpp>
#include <string>
#include <string_view>

namespace google::protobuf {
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace brontes {

/// Appends the message. kInternal, with the place, if it has no JSON form: an Any of a type that is
/// not linked, a timestamp out of range, too deep. What was appended until then is cut off again.
Status write_json(const google::protobuf::Message& message, const JsonOptions& options,
                  std::string& out);

/// Appends the value of one field: an array, an object, a scalar; unset messages as if empty.
Status write_json_field(const google::protobuf::Message& message,
                        const google::protobuf::FieldDescriptor& field, const JsonOptions& options,
                        std::string& out);

/// Appends the text as a JSON string, quotes included. Bytes that are not UTF-8 become U+FFFD.
void write_json_string(std::string_view text, std::string& out);

}  // namespace brontes
