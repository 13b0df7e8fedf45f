// One connection to an agent: connects when it is first used, then one request after the other.
#pragma once

#include <utility>  // asio 1.18 forgets it

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <brontes/discovery/address.hpp>
#include <brontes/discovery/registries/consul/detail/wire.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace brontes::consul {

namespace asio = boost::asio;
namespace beast = boost::beast;

/// Whom to believe, and who we are. What cannot be used fails each handshake.
std::shared_ptr<asio::ssl::context> make_tls(const ConsulOptions& options);

/// Everything on the thread of its io_context. Has no timers: whoever waits for it has them.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  /// `keep`: it can be used again.
  using Done = std::function<void(Answer answer, bool keep)>;

  HttpConnection(asio::io_context& io, const std::string& agent,
                 std::shared_ptr<asio::ssl::context> tls, std::string token);

  void run(const Request& request, Done done);
  /// What runs is never done.
  void close();

 private:
  using Errors = boost::system::error_code;
  using Parser = beast::http::response_parser<beast::http::string_body>;

  void connect();
  void look_up();
  void connect_to(const asio::ip::tcp::resolver::results_type& found);
  void greet();
  void write();
  void read();
  void answered();
  void failed(const char* what, const Errors& error);
  void finish(Answer answer, bool keep);

  template <class F>
  void with_stream(F f) {
    secure_ ? f(*secure_) : f(socket_);
  }

  const std::string agent_, token_;
  HostPort address_;
  std::shared_ptr<asio::ssl::context> tls_;  // null: plain
  asio::ip::tcp::resolver resolver_;
  asio::ip::tcp::socket socket_;
  std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> secure_;
  bool connected_ = false;
  beast::flat_buffer buffer_;
  beast::http::request<beast::http::string_body> request_;
  std::optional<Parser> parser_;
  Done done_;
};

}  // namespace brontes::consul
