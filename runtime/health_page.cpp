#include <brontes/gateway/json_writer.hpp>
#include <brontes/gateway/percent.hpp>
#include <brontes/runtime/health_page.hpp>
#include <string>
#include <utility>

namespace brontes {
namespace {

HttpResponse error(Errc code, const std::string& message, int status) {
  std::string body = "{\"code\":" + std::to_string(static_cast<int>(code)) + ",\"message\":";
  write_json_string(message, body);
  return HttpResponse::json(body + ",\"details\":[]}", status);
}

/// The last parameter of that name; kInvalidArgument for a query that cannot be read.
Expected<std::string> service_of(const std::string& query) {
  const auto pairs = parse_form(query);
  if (!pairs) return fail(pairs.error());
  std::string service;
  for (const auto& [name, value] : *pairs)
    if (name == "service") service = value;
  return service;
}

}  // namespace

HttpHandler health_page(std::shared_ptr<const HealthState> state) {
  return [state = std::move(state)](const HttpRequest& request) {
    if (request.method != "GET" && request.method != "HEAD")
      return error(Errc::kUnimplemented, "Method Not Allowed", 501);
    const auto service = service_of(request.query);
    if (!service) return error(Errc::kInvalidArgument, service.error().message(), 400);
    const std::string who = service->empty() ? "the server" : "service '" + *service + "'";
    const auto serving = state->serving(*service);
    if (!serving) return error(Errc::kNotFound, who + " is not known to health", 404);
    if (!*serving) return error(Errc::kUnavailable, who + " is not serving", 503);
    return HttpResponse::json("{\"status\":\"SERVING\"}");
  };
}

}  // namespace brontes
