#include <utility>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/beast/http/error.hpp>
#include <brontes/actors/log.hpp>
#include <brontes/gateway/detail/http_call.hpp>
#include <brontes/gateway/detail/http_error.hpp>
#include <brontes/gateway/detail/http_head.hpp>
#include <brontes/gateway/detail/http_session.hpp>

namespace brontes::detail {
namespace {

constexpr std::string_view kLogger = "gateway.http";
// A chunked body ends with "0\r\n\r\n". Beast asserts that it is not shown less of it twice.
constexpr std::size_t kLastChunk = 5;
// Drained before a request has begun: its head may be on its way already.
constexpr Duration kLastChance = std::chrono::milliseconds(200);

const auto kNobody = std::make_shared<const PeerIdentity>();

std::string address_of(const asio::ip::tcp::socket& socket, std::string& with_port) {
  boost::system::error_code error;
  const auto end = socket.remote_endpoint(error);
  if (error) return {};
  asio::ip::address ip = end.address();
  // A socket for both families shows IPv4 as "::ffff:10.0.0.7".
  if (ip.is_v6() && ip.to_v6().is_v4_mapped())
    ip = asio::ip::make_address_v4(asio::ip::v4_mapped, ip.to_v6());
  const std::string address = ip.to_string();
  with_port = (ip.is_v4() ? "ipv4:" + address : "ipv6:[" + address + "]") + ":" +
              std::to_string(end.port());
  return address;
}

}  // namespace

HttpSession::HttpSession(asio::ip::tcp::socket socket, asio::io_context& io, HttpService& service,
                         std::string early_bytes)
    : io_(io),
      work_(asio::make_work_guard(io)),
      socket_(std::move(socket)),
      service_(service),
      early_bytes_(std::move(early_bytes)),
      peer_identity_(kNobody),
      timer_(io),
      deadline_(io) {
  peer_address_ = address_of(socket_, peer_);
  boost::system::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  if (service.options.tls) tls_ = std::make_unique<TlsStream>(socket_, service.options.tls.get());
}

HttpSession::~HttpSession() {
  set_busy(false);
  service_.left(this);
}

bool HttpSession::start() {
  if (!service_.join(this)) return false;
  asio::dispatch(io_, [self = shared_from_this()] {
    if (self->tls_) return self->handshake();
    const auto space = self->buffer_.prepare(self->early_bytes_.size());
    self->buffer_.commit(asio::buffer_copy(space, asio::buffer(self->early_bytes_)));
    self->early_bytes_ = {};
    self->next_request();
  });
  return true;
}

void HttpSession::handshake() {
  shaking_hands_ = true;
  expire_after(service_.options.header_timeout);
  tls_->handshake(std::move(early_bytes_),
                  [self = shared_from_this()](auto error) { self->handshaken(error); });
}

void HttpSession::handshaken(boost::system::error_code error) {
  shaking_hands_ = false;
  if (error && !closed_) {  // whoever closed it has counted it
    ++service_.handshakes_failed;
    log_debug(kLogger, "TLS handshake failed peer={} cause=\"{}\"", peer_, error.message());
  }
  if (error && !closed_) return leave_silently();  // what was wrong is in OpenSSL's alert
  if (closed_) return;
  peer_identity_ = std::make_shared<const PeerIdentity>(tls_->peer_identity());
  next_request();
}

void HttpSession::drain() {
  asio::dispatch(io_, [self = shared_from_this()] {
    if (!self->head_seen_ && !self->written_ && !self->lingering_) self->expire_after(kLastChance);
  });
}

void HttpSession::abort() {
  asio::dispatch(io_, [self = shared_from_this()] {
    HttpCall* call = self->call_;
    const CallPtr alive(call ? call->pointer() : CallPtr());
    // What the call answers leaves at once, as far as the socket takes it; nobody waits for the
    // rest.
    self->keep_alive_ = false;
    if (self->is_amid_body()) return self->turn_away();
    if (call) call->cut_off();
    // A handler that learned of it may have answered on another thread: that is on its way here.
    if (call && self->call_ == call && !self->written_)
      self->closing_ = true;
    else
      self->close();
  });
}

bool HttpSession::is_amid_body() const {
  return head_seen_ && parser_ && !parser_->is_done() && !written_ && !lingering_ && !closed_;
}

// Nobody has seen the request: its client may send it to somebody else.
void HttpSession::turn_away() {
  closing_ = true;
  refuse({Errc::kUnavailable, "the server stops"}, 503);
}

void HttpSession::set_busy(bool busy) {
  if (std::exchange(busy_, busy) == busy) return;
  busy ? ++service_.calls : --service_.calls;
}

// Reading.

void HttpSession::next_request() {
  if (closed_) return;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(service_.options.max_header_bytes));
  parser_->body_limit(service_.options.max_body_bytes);
  head_seen_ = begun_ = skipped_line_ = false;
  head_size_ = 0;
  expire_after(head_patience(service_.options.idle_timeout));
  if (buffer_.size() > 0) return parse();
  buffer_.shrink_to_fit();  // an idle peer keeps none
  listen();
}

Duration HttpSession::head_patience(Duration timeout) const {
  return service_.draining ? std::min(timeout, kLastChance) : timeout;
}

// Beast throws when a name or a value of a header or trailer has 64 KiB or more.
std::size_t HttpSession::put(boost::beast::error_code& error) try {
  return parser_->put(buffer_.data(), error);
} catch (const std::length_error&) {
  error = make_error_code(http::error::header_limit);
  return 0;
}

// Some clients end a body with a line of its own: one is no part of the next request (RFC
// 9112 2.2). False: nothing more has come, and nobody has begun.
bool HttpSession::skip_empty_line() {
  constexpr std::string_view kLine = "\r\n";
  if (skipped_line_ || head_size_ > 0) return true;
  const std::string_view ahead = waiting();
  if (!ahead.starts_with(kLine)) return !kLine.starts_with(ahead);
  skipped_line_ = true;
  buffer_.consume(kLine.size());
  return buffer_.size() > 0;
}

std::string_view HttpSession::waiting() const {
  return {static_cast<const char*>(buffer_.data().data()), buffer_.size()};
}

void HttpSession::parse() {
  if (!skip_empty_line()) return listen();
  boost::beast::error_code error;
  const bool first = !begun_;
  begun_ = true;
  const auto least = [this] { return head_before_trailers_ ? kLastChunk : 1; };
  while (!parser_->is_done() && buffer_.size() >= least()) {
    parser_->eager(head_seen_);
    const std::size_t used = put(error);
    // Beast puts folded lines together. Proxies differ, and RFC 9112 5.2 allows to refuse them.
    const bool folded = !head_seen_ && has_fold(waiting().substr(0, used));
    buffer_.consume(used);
    if (folded) return refuse({Errc::kInvalidArgument, "a header must not be folded"}, 400);
    if (!head_seen_) head_size_ += used;
    if (error == http::error::need_more) error = {};
    if (error) return refuse(error);
    if (!head_seen_ && parser_->is_header_done()) {
      head_seen_ = true;
      if (!admit_head()) return;
      expire_after(service_.options.body_timeout);
    } else if (used == 0) {
      break;
    }
  }
  if (parser_->is_done()) return dispatch();
  // Beast keeps the head of a chunk and the trailers until they are whole, however long they are.
  if (head_seen_ && buffer_.size() > service_.options.max_header_bytes)
    return refuse({Errc::kResourceExhausted, "the head of a chunk or the trailers are too large"},
                  431);
  if (first && !head_seen_) expire_after(head_patience(service_.options.header_timeout));
  listen();
}

bool HttpSession::admit_head() {
  // Beast's limit is one for the request line and another one for the headers.
  if (head_size_ > service_.options.max_header_bytes)
    return refuse(make_error_code(http::error::header_limit)), false;
  const auto& head = parser_->get();
  version_ = head.version();
  if (const Status status = check_head(head); !status.ok()) return refuse(status, 400), false;
  keep_alive_ = parser_->keep_alive();  // by all Connection headers, and no trailer
  if (is_chunked(head)) head_before_trailers_ = head.base();
  if (version_ == 11 && boost::beast::iequals(head[http::field::expect], "100-continue") &&
      !parser_->is_done() && !send_now("HTTP/1.1 100 Continue\r\n\r\n"))
    return close(), false;
  return true;
}

// False: it has not left as a whole, and nothing may follow half of it.
bool HttpSession::send_now(std::string_view bytes) {
  boost::system::error_code error;
  return write_some(asio::buffer(bytes), error) == bytes.size();
}

void HttpSession::refuse(boost::beast::error_code error) {
  if (error == http::error::header_limit)
    return refuse({Errc::kResourceExhausted, "the headers are too large"}, 431);
  if (error == http::error::body_limit)
    return refuse(
        {Errc::kResourceExhausted,
         "the body is larger than " + std::to_string(service_.options.max_body_bytes) + " bytes"},
        413);
  refuse({Errc::kInvalidArgument, "malformed HTTP: " + error.message()}, 400);
}

void HttpSession::refuse(const Status& status, int http_code) {
  keep_alive_ = false;
  version_ = 11;
  head_only_ = parser_->get().method() == http::verb::head;
  reply(error_reply(status, service_.options.json, http_code),
        [this](bool ok) { ok ? linger() : close(); });
}

// Answering.

void HttpSession::dispatch() {
  RawRequest request = parser_->release();
  // Beast adds trailers to the headers: who checked the headers has not seen them (RFC 9110 6.5.1).
  if (head_before_trailers_) request.base() = std::move(*head_before_trailers_);
  head_before_trailers_.reset();
  expire_after(Duration::max());
  set_busy(true);
  keep_alive_ = keep_alive_ && !service_.winding_down;
  head_only_ = request.method() == http::verb::head;
  chunked_ = false;
  if (HttpCall* call = answer(*this, std::move(request))) run_call(call);
}

void HttpSession::run_call(HttpCall* call) {
  call_ = call;
  const CallPtr alive = call->pointer();  // it may end in begin()
  call->begin();
  if (call->finished()) return;
  if (call->deadline() != TimePoint::max()) {
    deadline_.expires_at(call->deadline());
    deadline_.async_wait([self = shared_from_this(), call](boost::system::error_code error) {
      // The next call may have the same address: only its own deadline counts.
      if (error || self->call_ != call || !call->expired()) return;
      const CallPtr alive = call->pointer();
      call->expire();
    });
  }
  listen();
}

void HttpSession::call_ended(bool ok) {
  call_ = nullptr;
  set_busy(false);
  deadline_.cancel();
  hangup_.reset();
  if (ok && keep_alive_) return next_request();
  ok ? linger() : close();
}

}  // namespace brontes::detail
