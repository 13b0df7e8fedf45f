// A route of one's own beside the methods: a health page, a form, a file.
#pragma once

#include <brontes/actors/call/peer_identity.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brontes {

/// Names compare without case.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// What came in, for the time of the handler. The path is decoded.
struct HttpRequest {
  std::string method;
  std::string path;
  std::string query;  ///< as sent, without "?"
  HttpHeaders headers;
  std::string body;
  std::string peer;                                            ///< "ipv4:10.0.0.7:51234"
  PeerIdentity peer_identity;                                  ///< of its certificate, if any
  std::vector<std::pair<std::string, std::string>> variables;  ///< of the path template

  /// The first header of that name, or "".
  std::string_view header(std::string_view name) const;
  /// The variable of that name, or "".
  std::string_view variable(std::string_view name) const;
};

/// What goes out. Content-Length, Transfer-Encoding, Date and Connection are the door's own: those
/// of a handler are left out.
struct HttpResponse {
  int status = 200;  ///< 200 to 599; another one is answered with 500
  HttpHeaders headers;
  std::string body;

  static HttpResponse json(std::string body, int status = 200);
  static HttpResponse text(std::string body, int status = 200);
};

/// Runs on an HTTP thread and must not block it. What it throws is answered with 500.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

}  // namespace brontes
