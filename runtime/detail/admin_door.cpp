#include <brontes/actors/log.hpp>
#include <brontes/gateway/route_table.hpp>
#include <brontes/runtime/detail/admin_door.hpp>
#include <brontes/runtime/health_page.hpp>
#include <utility>

namespace brontes::detail {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPatience = 1s;

HttpResponse plain(std::string text, int status = 200) {
  HttpResponse response = HttpResponse::text(std::move(text), status);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

/// GET and HEAD only.
HttpHandler page(std::function<HttpResponse()> answer) {
  return [answer = std::move(answer)](const HttpRequest& request) {
    if (request.method == "GET" || request.method == "HEAD") return answer();
    HttpResponse response = plain("method not allowed\n", 405);
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  };
}

HttpResponse metrics(const MetricsCollector& collector) {
  auto text = collector.scrape(kPatience);
  if (!text) return plain(text.error().message() + "\n", 503);
  HttpResponse response{200, {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, {}};
  response.body = std::move(*text);
  return response;
}

HttpResponse liveness(const MetricsCollector& collector) {
  const Status alive = collector.ping(kPatience);
  return alive.ok() ? plain("live\n") : plain(alive.message() + "\n", 503);
}

HttpResponse readiness(const HealthState& health, const std::string& stage) {
  std::string reasons;
  for (const auto& [service, serving] : health.all()) {
    if (serving) continue;
    reasons += service.empty() ? "the node is " + stage : service + " is not serving";
    reasons += "\n";
  }
  return reasons.empty() ? plain("ready\n") : plain("not ready\n" + reasons, 503);
}

HttpDoorOptions options() {
  HttpDoorOptions options;
  options.max_connections = 100;
  options.max_body_bytes = 0;
  return options;
}

}  // namespace

AdminDoor::AdminDoor(AdminPages pages)
    : door_(no_methods_, std::make_shared<Published<RouteTable>>(), options()) {
  const auto add = [this](const char* path, HttpHandler handler) {
    if (Status status = door_.route("*", path, std::move(handler)); !status.ok()) routed_ = status;
  };
  add("/metrics", page([pages] { return metrics(*pages.collector); }));
  add("/livez", page([pages] { return liveness(*pages.collector); }));
  add("/readyz", page([pages] { return readiness(*pages.health, pages.stage()); }));
  add("/healthz", health_page(pages.health));
}

Status AdminDoor::open(const std::string& address) {
  if (!routed_.ok()) return routed_;
  const auto port = door_.start(address);
  if (!port) return {port.error().code(), "admin.listen: " + port.error().message()};
  port_ = *port;
  log_info("runtime.admin", "admin port open address={}:{} pages=\"{}\"",
           address.substr(0, address.rfind(':')), port_, "/metrics /livez /readyz /healthz");
  return {};
}

}  // namespace brontes::detail
