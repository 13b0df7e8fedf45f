// A closed loop of HTTP/1.1 requests over kept connections, each with one request on its way; all
// on the calling thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <brontes/actors/clock.hpp>
#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "shop_bodies.hpp"

namespace brontes::bench {

class HttpLoad {
 public:
  /// Connects to 127.0.0.1:`port`. Throws boost::system::system_error, here and in run(), when the
  /// server refuses or closes a connection, std::runtime_error when what it says is no HTTP.
  HttpLoad(int port, const Exchange& exchange, int connections);
  ~HttpLoad();

  /// Sends so many requests and waits for all replies. The numbers are those of the last run.
  void run(int requests);

  double seconds() const;
  /// Of the time from a request's first byte to its reply's last one; `share` in 0..1.
  double latency_us(double share);
  /// Replies that were not 200 with the expected JSON.
  int errors() const { return errors_; }

 private:
  class Connection;

  bool begin();
  void replied(bool ok, std::string_view body, TimePoint begun);
  bool is_expected(std::string_view body);

  boost::asio::io_context io_{1};
  const Exchange exchange_;
  const nlohmann::json expected_;
  std::string accepted_;  ///< bytes that were found to be the expected JSON
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Duration> latencies_;
  int to_begin_ = 0, errors_ = 0;
  Duration took_{};
};

}  // namespace brontes::bench
