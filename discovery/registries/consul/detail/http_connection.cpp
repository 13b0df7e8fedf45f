#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <brontes/actors/log.hpp>
#include <brontes/discovery/registries/consul/detail/http_connection.hpp>
#include <charconv>

namespace brontes::consul {
namespace {

namespace http = beast::http;

constexpr std::uint64_t kBodyLimit = 64 * 1024 * 1024;

std::uint64_t number_of(beast::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::shared_ptr<asio::ssl::context> make_tls(const ConsulOptions& options) {
  auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  boost::system::error_code error;
  const auto note = [&](const char* what) {
    if (error)
      log_error("discovery.consul_registry", "TLS cannot be used of={} cause=\"{}\"", what,
                error.message());
  };
  tls->set_verify_mode(asio::ssl::verify_peer, error);
  if (options.ca.empty())
    tls->set_default_verify_paths(error);
  else
    tls->add_certificate_authority(asio::buffer(options.ca), error);
  note("ca");
  if (options.certificate.empty()) return tls;
  tls->use_certificate_chain(asio::buffer(options.certificate), error);
  note("certificate");
  tls->use_private_key(asio::buffer(options.key), asio::ssl::context::pem, error);
  note("key");
  return tls;
}

HttpConnection::HttpConnection(asio::io_context& io, const std::string& agent,
                               std::shared_ptr<asio::ssl::context> tls, std::string token)
    : agent_(agent),
      token_(std::move(token)),
      address_(split_address(agent).value_or(HostPort{})),
      tls_(std::move(tls)),
      resolver_(io),
      socket_(io) {}

void HttpConnection::run(const Request& request, Done done) {
  done_ = std::move(done);
  request_ = {http::string_to_verb(request.method), request.target, 11};
  request_.set(http::field::host, agent_);
  request_.set(http::field::user_agent, "brontes");
  request_.set(http::field::accept, "application/json");
  if (!token_.empty()) request_.set("X-Consul-Token", token_);
  if (!request.body.empty()) request_.set(http::field::content_type, "application/json");
  request_.body() = request.body;
  request_.prepare_payload();
  connected_ ? write() : connect();
}

void HttpConnection::close() {
  done_ = nullptr;
  resolver_.cancel();
  Errors ignored;
  socket_.close(ignored);
}

void HttpConnection::connect() {
  Errors no_number;
  const auto number = asio::ip::make_address(address_.host, no_number);
  if (no_number) return look_up();
  const asio::ip::tcp::endpoint endpoint(number, address_.port);
  connect_to(asio::ip::tcp::resolver::results_type::create(endpoint, address_.host, ""));
}

void HttpConnection::look_up() {
  resolver_.async_resolve(address_.host, std::to_string(address_.port),
                          [self = shared_from_this()](const Errors& error, const auto& found) {
                            error ? self->failed("look up", error) : self->connect_to(found);
                          });
}

void HttpConnection::connect_to(const asio::ip::tcp::resolver::results_type& found) {
  asio::async_connect(socket_, found,
                      [self = shared_from_this()](const Errors& error, const auto&) {
                        if (error) return self->failed("connect", error);
                        Errors ignored;
                        self->socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
                        // A blocking query may wait for long: an agent that is gone without a word
                        // is noticed.
                        self->socket_.set_option(asio::socket_base::keep_alive(true), ignored);
                        self->tls_ ? self->greet() : self->write();
                      });
}

void HttpConnection::greet() {
  secure_.emplace(socket_, *tls_);
  Errors ignored, no_number;
  secure_->set_verify_callback(asio::ssl::host_name_verification(address_.host), ignored);
  asio::ip::make_address(address_.host, no_number);
  if (no_number) SSL_set_tlsext_host_name(secure_->native_handle(), address_.host.c_str());
  secure_->async_handshake(asio::ssl::stream_base::client,
                           [self = shared_from_this()](const Errors& error) {
                             error ? self->failed("TLS handshake", error) : self->write();
                           });
}

void HttpConnection::write() {
  connected_ = true;
  with_stream([&](auto& stream) {
    http::async_write(stream, request_,
                      [self = shared_from_this()](const Errors& error, std::size_t) {
                        error ? self->failed("write", error) : self->read();
                      });
  });
}

void HttpConnection::read() {
  parser_.emplace();
  parser_->body_limit(kBodyLimit);
  with_stream([&](auto& stream) {
    http::async_read(stream, buffer_, *parser_,
                     [self = shared_from_this()](const Errors& error, std::size_t) {
                       error ? self->failed("read", error) : self->answered();
                     });
  });
}

void HttpConnection::answered() {
  auto& message = parser_->get();
  Answer answer;
  answer.code = message.result_int();
  answer.index = number_of(message["X-Consul-Index"]);
  answer.retry_after =
      std::chrono::seconds(std::min<std::uint64_t>(number_of(message["Retry-After"]), 3600));
  answer.body = std::move(message.body());
  finish(std::move(answer), message.keep_alive());
}

void HttpConnection::failed(const char* what, const Errors& error) {
  Answer answer;
  answer.status = {Errc::kUnavailable, std::string(what) + ": " + error.message()};
  finish(std::move(answer), false);
}

void HttpConnection::finish(Answer answer, bool keep) {
  // Afterwards it may be closed, or run the next one.
  if (const auto done = std::exchange(done_, nullptr)) done(std::move(answer), keep);
}

}  // namespace brontes::consul
