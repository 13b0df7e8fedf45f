// The yardstick of the REST rows: Beast as its documentation has it, answering constants.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>

namespace brontes::bench {

/// Reads whole requests (head and body), answers each POST with one constant and everything else
/// with another, keeps connections. No routes, no JSON, no time-outs, no Date. On the thread that
/// runs `io`, which outlives it. Not thread-safe.
class BeastServer {
 public:
  BeastServer(boost::asio::io_context& io, std::string to_get, std::string to_post);

  int port() const { return acceptor_.local_endpoint().port(); }

 private:
  void accept();

  boost::asio::ip::tcp::acceptor acceptor_;
  const std::string to_get_, to_post_;
};

}  // namespace brontes::bench
