// The parts of HTTP/1.1 that session and call share. The only door to Beast's message types.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <brontes/actors/clock.hpp>
#include <brontes/gateway/http_handler.hpp>
#include <string>
#include <string_view>

namespace brontes::detail {

namespace http = boost::beast::http;
using RawRequest = http::request<http::string_body>;

inline std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

/// The first header of that name, or "".
inline std::string_view header(const RawRequest& request, std::string_view name) {
  const auto found = request.find(boost::beast::string_view(name.data(), name.size()));
  return found == request.end() ? std::string_view() : view(found->value());
}

/// A whole reply.
struct HttpReply {
  int status = 200;
  HttpHeaders headers = {};
  std::string body = {};
  HttpHeaders trailers = {};
  bool chunked = false;  ///< with trailers, even if there are none
};

/// How the body is framed.
enum class Framing {
  kLength,   ///< Content-Length
  kChunked,  ///< chunks of HTTP/1.1
  kClose,    ///< until the connection closes
  kNone,     ///< there is none: 204, 304
};

struct HttpHead {
  int status;
  const HttpHeaders& headers;
  Framing framing;
  std::size_t length = 0;  ///< kLength
  bool keep_alive = true;
  std::string_view trailer = {};  ///< names of the trailers that will follow
  std::string_view date = {};     ///< "": none
  bool to_http_1_0 = false;       ///< whose clients expect the end unless they are told otherwise
};

/// "Sun, 06 Nov 1994 08:49:37 GMT"; valid until the next call on this thread.
std::string_view http_date(WallTime now);

/// Appends status line and headers. Line breaks in values become blanks: nobody injects a header.
void append_head(const HttpHead& head, std::string& out);

/// Appends one chunk; nothing for no data, which would end the body.
void append_chunk(std::string_view data, std::string& out);
/// Appends the end of a chunked body.
void append_last_chunk(const HttpHeaders& trailers, std::string& out);

}  // namespace brontes::detail
