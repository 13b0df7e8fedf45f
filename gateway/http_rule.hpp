// The google.api.http option of a method, read from its descriptor at run time.
#pragma once

#include <brontes/actors/status.hpp>
#include <string>
#include <vector>

namespace google::protobuf {
class MethodDescriptor;
}

namespace brontes {

/// One way to reach a method over HTTP.
struct HttpRule {
  std::string method;         ///< "GET"; "*": any
  std::string path;           ///< a path template
  std::string body;           ///< "": none, "*": the whole request, else a field of the request
  std::string response_body;  ///< "": the whole reply, else a field of the reply
};

/// The rule and its additional bindings, in order; empty if the method has no such option. Needs no
/// generated code of google/api/http.proto and does not mind if there is some: the option is
/// decoded from the serialized descriptor (field 72295728).
Expected<std::vector<HttpRule>> http_rules(const google::protobuf::MethodDescriptor& method);

}  // namespace brontes
