// A request of HTTP into the request message of its route.
#pragma once

#include <brontes/gateway/detail/http_message.hpp>
#include <brontes/gateway/json_options.hpp>
#include <brontes/gateway/route_table.hpp>
#include <string>
#include <string_view>

namespace brontes::detail {

/// What the request line and the body said, matched.
struct RoutedRequest {
  RawRequest raw;
  std::string query;        ///< as sent, without "?"
  bool form = false;        ///< the body is application/x-www-form-urlencoded: more parameters
  RouteTable::Match match;  ///< with a route
};

/// Body, then path, then query. kInvalidArgument says which part is wrong.
Status bind_request(const RoutedRequest& request, const JsonOptions& options,
                    google::protobuf::Message& message);

bool is_http_body(const google::protobuf::Descriptor& type);

}  // namespace brontes::detail
