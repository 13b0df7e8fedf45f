#include <strings.h>

#include <brontes/gateway/http_handler.hpp>

namespace brontes {

std::string_view HttpRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key.size() == name.size() && strncasecmp(key.data(), name.data(), name.size()) == 0)
      return value;
  return {};
}

std::string_view HttpRequest::variable(std::string_view name) const {
  for (const auto& [key, value] : variables)
    if (key == name) return value;
  return {};
}

HttpResponse HttpResponse::json(std::string body, int status) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

HttpResponse HttpResponse::text(std::string body, int status) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(body)};
}

}  // namespace brontes
