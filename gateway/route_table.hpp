// Which method a request of HTTP means.
#pragma once

#include <brontes/actors/call/method_table.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/gateway/http_rule.hpp>
#include <brontes/gateway/path_template.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace google::protobuf {
class FieldDescriptor;
}

namespace brontes {

struct RouteOptions {
  PathDecoding decoding = PathDecoding::kWhole;
  /// Methods without a rule are reached by POST /package.Service/Method, body "*".
  bool unbound_methods = false;
};

/// A rule that was checked against its method.
struct Route {
  HttpRule rule;
  PathTemplate path;
  const Method* method = nullptr;
  const google::protobuf::FieldDescriptor* body = nullptr;           ///< null: none, or "*"
  const google::protobuf::FieldDescriptor* response_body = nullptr;  ///< null: the whole reply
  bool whole_body() const { return rule.body == "*"; }
};

/// Immutable once built, thread-safe; cheap to copy (routes are shared).
class RouteTable {
 public:
  explicit RouteTable(RouteOptions options = {}) : options_(options) {}

  /// Adds the routes of all methods of a service ("package.Service") that the table has, in the
  /// order of the .proto file. What cannot be a route is left out and told.
  std::vector<Status> add_service(const MethodTable& methods, std::string_view service);

  /// Every service of the table, in ascending order.
  std::vector<Status> add_all(const MethodTable& methods);

  /// Adds one. A duplicate of method and template replaces the earlier one and is told as
  /// kAlreadyExists; other errors leave the table as it was.
  Status add(const Method& method, HttpRule rule);

  struct Match {
    std::shared_ptr<const Route> route;  ///< null: none
    bool other_method = false;           ///< without a route: the path is known, the method is not
    PathValues values;
  };
  /// Of several that fit the last one added wins. kInvalidArgument: the path is malformed.
  Expected<Match> find(std::string_view method, std::string_view path) const;
  /// The methods by which a path can be reached, sorted: what an `Allow` header says.
  std::vector<std::string> allowed(std::string_view path) const;

  const std::vector<std::shared_ptr<const Route>>& routes() const { return routes_; }
  const RouteOptions& options() const { return options_; }

 private:
  void add_method(const Method& method, std::vector<Status>& faults);

  RouteOptions options_;
  std::vector<std::shared_ptr<const Route>> routes_;
};

}  // namespace brontes
