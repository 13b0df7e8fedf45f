#include <boost/beast/http/status.hpp>
#include <brontes/gateway/detail/http_message.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace brontes::detail {
namespace {

void append_number(std::size_t number, int base, std::string& out) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number, base).ptr);
}

void append_field(std::string_view name, std::string_view value, std::string& out) {
  out += name;
  out += ": ";
  const std::size_t from = out.size();
  out += value;
  for (std::size_t i = from; i < out.size(); ++i)
    if (static_cast<unsigned char>(out[i]) < 0x20 && out[i] != '\t') out[i] = ' ';
  out += "\r\n";
}

std::string_view reason(int status) {
  if (status == 499) return "Client Closed Request";
  return view(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status))));
}

}  // namespace

// One text a second and thread.
std::string_view http_date(WallTime now) {
  thread_local std::chrono::sys_seconds written{};
  thread_local char text[64];
  thread_local std::size_t size = 0;
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  if (size > 0 && second == written) return {text, size};
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(second - day);
  const int length = std::snprintf(
      text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT",
      kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
      kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()));
  size = static_cast<std::size_t>(length);
  written = second;
  return {text, size};
}

void append_head(const HttpHead& head, std::string& out) {
  out += "HTTP/1.1 ";
  append_number(static_cast<std::size_t>(head.status), 10, out);
  out += ' ';
  out += reason(head.status);
  out += "\r\n";
  for (const auto& [name, value] : head.headers) append_field(name, value, out);
  if (!head.date.empty()) append_field("Date", head.date, out);
  if (!head.trailer.empty()) append_field("Trailer", head.trailer, out);
  if (head.framing == Framing::kChunked) out += "Transfer-Encoding: chunked\r\n";
  if (head.framing == Framing::kLength) {
    out += "Content-Length: ";
    append_number(head.length, 10, out);
    out += "\r\n";
  }
  if (!head.keep_alive)
    out += "Connection: close\r\n";
  else if (head.to_http_1_0)
    out += "Connection: keep-alive\r\n";
  out += "\r\n";
}

void append_chunk(std::string_view data, std::string& out) {
  if (data.empty()) return;
  append_number(data.size(), 16, out);
  out += "\r\n";
  out += data;
  out += "\r\n";
}

void append_last_chunk(const HttpHeaders& trailers, std::string& out) {
  out += "0\r\n";
  for (const auto& [name, value] : trailers) append_field(name, value, out);
  out += "\r\n";
}

}  // namespace brontes::detail
