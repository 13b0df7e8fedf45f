// A method known only from a server's own description: JSON in, bytes out, and back.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/tools/cli/reflection.hpp>
#include <memory>
#include <string>

namespace brontes::cli {

/// Immutable and thread-safe once made.
class DynamicMethod {
 public:
  /// `method` is "pkg.Service/Method". kNotFound: the service has no such method, the text says
  /// which it has; kUnimplemented: it is a stream.
  static Expected<DynamicMethod> find(const DescriptorFiles& files, const std::string& method);

  /// The serialised request. kInvalidArgument: the JSON is none, or does not fit the message.
  Expected<std::string> request(const std::string& json) const;
  /// The reply as JSON, in one line.
  Expected<std::string> reply(const std::string& bytes) const;
  /// "/pkg.Service/Method"
  const std::string& path() const { return path_; }

 private:
  struct Types;
  std::shared_ptr<Types> types_;
  std::string path_;
};

/// "pkg.Service/Method", taken apart.
struct MethodName {
  std::string service, method;
};
Expected<MethodName> parse_method(const std::string& text);

}  // namespace brontes::cli
