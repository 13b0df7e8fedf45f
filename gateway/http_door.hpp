// HTTP/1.1 in, method calls out: the second door to a method table.
//
//   HttpDoor door(table, transcoder.routes());
//   door.route("GET", "/healthz", [](const HttpRequest&) { return HttpResponse::text("ok"); });
//   const auto port = door.start("0.0.0.0:8080");
#pragma once

#include <brontes/actors/call/method_table.hpp>
#include <brontes/actors/clock.hpp>
#include <brontes/actors/published.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/gateway/http_handler.hpp>
#include <brontes/gateway/json_options.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

struct ssl_ctx_st;

namespace brontes {

class RouteTable;

/// TLS handshakes that came to nothing.
struct HandshakeCounts {
  std::uint64_t failed = 0;     ///< plain text, no common version, no certificate, gone
  std::uint64_t timed_out = 0;  ///< took longer than `header_timeout`
};

struct HttpDoorOptions {
  /// OpenSSL's SSL_CTX of a server: every connection speaks TLS. Null: plain text.
  std::shared_ptr<ssl_ctx_st> tls = {};
  std::size_t threads = 1;                        ///< each serves its own connections
  std::size_t max_header_bytes = 64 * 1024;       ///< request line and headers; beyond: 431
  std::size_t max_body_bytes = 16 * 1024 * 1024;  ///< beyond: 413
  std::size_t max_connections = 10'000;           ///< further ones are closed at once

  Duration header_timeout =
      std::chrono::seconds(5);  ///< first byte to end of headers; also of the TLS handshake
  Duration body_timeout = std::chrono::seconds(20);   ///< end of headers to end of body
  Duration write_timeout = std::chrono::seconds(20);  ///< without the peer taking a byte
  Duration idle_timeout = std::chrono::seconds(60);   ///< between requests
  Duration default_deadline = Duration::max();        ///< of calls without `grpc-timeout`

  JsonOptions json = {};
  /// For a known path with another method: 501 as hephfx answers, or 405 with `Allow`.
  int wrong_method_status = 501;
  /// A form POST (application/x-www-form-urlencoded, no parameters) may use the GET route.
  bool form_as_get = true;
  /// X-HTTP-Method-Override on a form POST replaces the method.
  bool method_override = true;
};

/// Routes and methods outlive the door. Thread-safe, except that route() comes before start() and
/// adopt(). The destructor stops.
class HttpDoor {
 public:
  HttpDoor(const MethodTable& methods, std::shared_ptr<const Published<RouteTable>> routes,
           HttpDoorOptions options = {});
  ~HttpDoor();
  HttpDoor(const HttpDoor&) = delete;
  HttpDoor& operator=(const HttpDoor&) = delete;

  /// A route of one's own; goes before those of the methods. The template is as in
  /// google.api.http: "/files/{path=**}". kInvalidArgument if it cannot be read.
  Status route(const std::string& method, const std::string& path_template, HttpHandler handler);

  /// Listens on "host:port" (port 0: any free one; host: an address or a name) and serves. The port
  /// that was bound, or one clear line: "listen on 0.0.0.0:80: address in use".
  Expected<std::uint16_t> start(const std::string& address);

  /// Serves a connection that another one accepted. Owns the descriptor from here on; early_bytes
  /// are what was read from it already.
  void adopt(int fd, std::string early_bytes);

  /// Goes on serving, but closes each connection after its next reply, and says so: what clients
  /// keep for later is gone before drain() has to cut it. New connections are taken.
  void wind_down();

  /// Stops accepting. Closes connections on which no request has begun, or only half a head has
  /// come (after 200 ms: the rest may be on its way); the others after the reply to it, be its body
  /// still under way. Calls `drained` once on an HTTP thread (or this one): true when the last
  /// connection has ended by `until`, false when the time was up first; then stop() cuts off the
  /// rest. Does not wait.
  void drain(TimePoint until, std::function<void(bool clean)> drained);

  /// Closes everything: running calls are cancelled and end as UNAVAILABLE, and who has sent half a
  /// body hears 503. Returns when no thread of the door runs any more; not to be called on one of
  /// them. Idempotent.
  void stop();

  std::size_t connections() const;
  /// Requests that have come in whole and are not answered yet: what a stop would lose.
  std::size_t calls() const;
  HandshakeCounts handshakes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace brontes
