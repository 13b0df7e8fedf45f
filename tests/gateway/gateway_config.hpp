// The settings of the gateway as the conformance cases write them.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/gateway/http_door.hpp>
#include <brontes/gateway/route_table.hpp>
#include <brontes/runtime/settings.hpp>
#include <string>

namespace brontes::conformance {

struct GatewayConfig {
  HttpSettings http;  ///< as a node takes them
  bool healthz = false;

  /// The same for doors without a node.
  RouteOptions routes() const;
  HttpDoorOptions door() const;
};

/// One JSON object; what it does not name keeps its default.
///
///   unescaping_mode         "Legacy", "AllExceptReserved", "AllExceptSlash", "AllCharacters"
///   expose_unbound_methods  true: methods without a rule are POST /package.Service/Method
///   json                    "hephfx", "proto3"
///   method_not_allowed      501 or 405: the status for a known path with another method
///   path_length_fallback    true: a form POST may use a GET route
///   http_method_override    true: X-HTTP-Method-Override of a form POST counts
///   healthz                 true: GET /healthz; service "up" is serving, "down" is not
///   max_header_bytes, max_body_bytes
///   read_header_timeout_ms, read_body_timeout_ms, write_timeout_ms, idle_timeout_ms
///
/// kUnimplemented names a setting that the gateway does not have; kInvalidArgument a value that
/// does not fit.
Expected<GatewayConfig> parse_gateway_config(const std::string& json);

}  // namespace brontes::conformance
