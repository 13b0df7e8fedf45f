// Path variables and query parameters into the fields of a request message.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/gateway/path_template.hpp>
#include <brontes/gateway/percent.hpp>
#include <string_view>

namespace google::protobuf {
class Message;
}

namespace brontes {

/// Sets a field by the value of a path variable; replaces what the body has put there. A repeated
/// field takes values separated by commas. kInvalidArgument says which field expected what.
Status bind_path_value(google::protobuf::Message& message, std::string_view field_path,
                       std::string_view value);

/// What query parameters may not touch because path or body hold it already.
struct BoundFields {
  const PathValues* path = nullptr;
  std::string_view body;  ///< a field, or ""
};

/// Sets fields by parameters: dotted paths of proto or JSON names, map entries as `labels[key]`.
/// Unknown and bound ones are skipped; kInvalidArgument for values that do not fit, for a singular
/// field given twice, for two members of a oneof.
Status bind_query(google::protobuf::Message& message, const FormPairs& parameters,
                  const BoundFields& bound);

}  // namespace brontes
