#include <boost/beast/core/string.hpp>
#include <brontes/gateway/detail/http_head.hpp>
#include <brontes/gateway/detail/http_host.hpp>

namespace brontes::detail {
namespace {

Status wrong(const char* why) { return {Errc::kInvalidArgument, why}; }

}  // namespace

bool has_fold(std::string_view lines) {
  for (auto end = lines.find('\n'); end < lines.size(); end = lines.find('\n', end + 1))
    if (const auto next = lines.substr(end + 1, 1); next == " " || next == "\t") return true;
  return false;
}

bool is_chunked(const RawRequest::header_type& head) {
  return head.count(http::field::transfer_encoding) == 1 &&
         boost::beast::iequals(head[http::field::transfer_encoding], "chunked");
}

Status check_head(const RawRequest::header_type& head) {
  const auto hosts = head.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && head.version() == 11))
    return wrong("a request needs one Host header");
  // An empty one leaves the name to the server (RFC 9112 3.3), which serves under any.
  const auto host = view(head[http::field::host]);
  if (!host.empty() && !is_host(host)) return wrong("Host must be 'host' or 'host:port'");
  // "5, 5" may be read as 5 (RFC 9112 6.3), so proxies differ.
  if (head.count(http::field::content_length) > 1 ||
      view(head[http::field::content_length]).find_first_not_of("0123456789") !=
          std::string_view::npos)
    return wrong("Content-Length must be one number");
  if (head.count(http::field::transfer_encoding) > 0 && (!is_chunked(head) || head.version() == 10))
    return wrong("Transfer-Encoding must be 'chunked', once and alone");
  return {};
}

}  // namespace brontes::detail
