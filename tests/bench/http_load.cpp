#include "http_load.hpp"

#include <strings.h>
#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <stdexcept>

namespace brontes::bench {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// Of the head "HTTP/1.1 200 OK\r\nName: value\r\n...\r\n\r\n".
std::size_t content_length(std::string_view head) {
  constexpr std::string_view kName = "\r\nContent-Length:";
  for (std::size_t at = head.find("\r\n"); at + kName.size() < head.size();
       at = head.find("\r\n", at + 2)) {
    if (::strncasecmp(head.data() + at, kName.data(), kName.size()) != 0) continue;
    at = head.find_first_not_of(' ', at + kName.size());
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(head.data() + at, head.data() + head.size(), length);
    if (error == std::errc() && *end == '\r') return length;
    break;
  }
  throw std::runtime_error("a reply without Content-Length");
}

}  // namespace

class HttpLoad::Connection {
 public:
  Connection(HttpLoad& load, int port) : load_(load), socket_(load.io_) {
    socket_.connect(tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"),
                                  static_cast<std::uint16_t>(port)));
    socket_.set_option(tcp::no_delay(true));
  }

  void next() {
    if (!load_.begin()) return;
    reply_.clear();
    begun_ = system_clock().now();
    boost::asio::write(socket_, boost::asio::buffer(load_.exchange_.request));
    read();
  }

 private:
  void read() {
    socket_.async_read_some(boost::asio::buffer(space_), [this](error_code error, std::size_t n) {
      if (error) throw boost::system::system_error(error, "read the reply");
      reply_.append(space_.data(), n);
      take() ? next() : read();
    });
  }

  // False: there is more to come.
  bool take() {
    const auto end = reply_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const std::string_view all = reply_, head = all.substr(0, end + 4);
    const std::size_t length = content_length(head);
    if (all.size() < head.size() + length) return false;
    if (all.size() > head.size() + length) throw std::runtime_error("more than one reply");
    load_.replied(head.starts_with("HTTP/1.1 200 "), all.substr(head.size()), begun_);
    return true;
  }

  HttpLoad& load_;
  tcp::socket socket_;
  std::array<char, 16 * 1024> space_;
  std::string reply_;
  TimePoint begun_;
};

HttpLoad::HttpLoad(int port, const Exchange& exchange, int connections)
    : exchange_(exchange), expected_(nlohmann::json::parse(exchange.reply)) {
  for (int i = 0; i < connections; ++i)
    connections_.push_back(std::make_unique<Connection>(*this, port));
}

HttpLoad::~HttpLoad() = default;

void HttpLoad::run(int requests) {
  to_begin_ = requests;
  errors_ = 0;
  latencies_.clear();
  latencies_.reserve(static_cast<std::size_t>(requests));
  const TimePoint begun = system_clock().now();
  for (auto& connection : connections_) connection->next();
  io_.restart();
  io_.run();
  took_ = system_clock().now() - begun;
}

bool HttpLoad::begin() { return to_begin_-- > 0; }

void HttpLoad::replied(bool ok, std::string_view body, TimePoint begun) {
  latencies_.push_back(system_clock().now() - begun);
  if (!ok || !is_expected(body)) ++errors_;
}

// Each body is compared: parsed once, by its bytes then. Printers differ in blanks and order.
bool HttpLoad::is_expected(std::string_view body) {
  if (!accepted_.empty() && body == accepted_) return true;
  if (nlohmann::json::parse(body, nullptr, false) != expected_) return false;
  accepted_ = body;
  return true;
}

double HttpLoad::seconds() const { return std::chrono::duration<double>(took_).count(); }

double HttpLoad::latency_us(double share) {
  std::sort(latencies_.begin(), latencies_.end());
  const auto index = static_cast<std::size_t>(share * static_cast<double>(latencies_.size()));
  return std::chrono::duration<double, std::micro>(
             latencies_[std::min(index, latencies_.size() - 1)])
      .count();
}

}  // namespace brontes::bench
