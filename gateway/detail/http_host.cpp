#include <utility>

#include <algorithm>
#include <boost/asio/ip/address_v6.hpp>
#include <brontes/gateway/detail/http_host.hpp>
#include <string>

namespace brontes::detail {
namespace {

bool is_decimal_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) {
  return is_decimal_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// unreserved and sub-delims of RFC 3986.
bool is_host_char(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || is_decimal_digit(c) ||
         (c != '\0' && std::string_view("-._~!$&'()*+,;=").find(c) != std::string_view::npos);
}

bool is_host_name(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_host_char(text[i])) continue;
    if (text[i] != '%' || i + 2 >= text.size() || !is_hex_digit(text[i + 1]) ||
        !is_hex_digit(text[i + 2]))
      return false;
    i += 2;
  }
  return !text.empty();
}

// IPvFuture: "v1.something".
bool is_address_to_come(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos || dot < 2 || dot + 1 == text.size()) return false;
  const std::string_view version = text.substr(1, dot - 1), rest = text.substr(dot + 1);
  return (text[0] == 'v' || text[0] == 'V') &&
         std::all_of(version.begin(), version.end(), is_hex_digit) &&
         std::all_of(rest.begin(), rest.end(), [](char c) { return is_host_char(c) || c == ':'; });
}

bool is_address_in_brackets(std::string_view text) {
  if (text.size() > 2 && (text[0] == 'v' || text[0] == 'V')) return is_address_to_come(text);
  // Without the zone that Asio would take: it means something on one machine only.
  if (text.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) return false;
  boost::system::error_code error;
  boost::asio::ip::make_address_v6(std::string(text), error);
  return !error;
}

bool is_port(std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), is_decimal_digit)) return false;
  const auto zeros = std::min(text.find_first_not_of('0'), text.size());
  const std::string_view digits = text.substr(zeros);
  return digits.size() < 5 || (digits.size() == 5 && digits <= "65535");
}

}  // namespace

bool is_host(std::string_view text) {
  const bool in_brackets = text.starts_with('[');
  const auto end = in_brackets ? text.find(']') : text.find(':');
  if (in_brackets && end == std::string_view::npos) return false;
  const std::string_view host = in_brackets ? text.substr(1, end - 1) : text.substr(0, end);
  const std::string_view rest = text.substr(std::min(in_brackets ? end + 1 : end, text.size()));
  if (!rest.empty() && (rest[0] != ':' || !is_port(rest.substr(1)))) return false;
  return in_brackets ? is_address_in_brackets(host) : is_host_name(host);
}

}  // namespace brontes::detail
