// grpc.health.v1 for those who speak HTTP only.
#pragma once

#include <brontes/gateway/http_handler.hpp>
#include <brontes/runtime/grpc/health_state.hpp>
#include <memory>

namespace brontes {

/// For a route "*" "/healthz". GET and HEAD, `?service=orders.v1.Orders`: 200 {"status":"SERVING"},
/// 503 with code 14 when it is not serving, 404 with code 5 when nobody knows it. Thread-safe, as
/// `state` is, which it shares; never blocks.
HttpHandler health_page(std::shared_ptr<const HealthState> state);

}  // namespace brontes
