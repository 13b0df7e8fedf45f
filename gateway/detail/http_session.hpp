// One connection of HTTP/1.1: reads a request, has it answered, reads the next one.
//
// Everything happens on its io_context's one thread. A request that has arrived while another one
// runs waits in the buffer: answers leave in order.
#pragma once

#include <utility>  // asio 1.18 forgets it

#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <brontes/gateway/detail/hangup.hpp>
#include <brontes/gateway/detail/http_message.hpp>
#include <brontes/gateway/detail/http_service.hpp>
#include <brontes/gateway/detail/tls_stream.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace brontes::detail {

namespace asio = boost::asio;

class HttpCall;

class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  using Written = std::function<void(bool ok)>;

  HttpSession(asio::ip::tcp::socket socket, asio::io_context& io, HttpService& service,
              std::string early_bytes);
  ~HttpSession();

  // From any thread.
  /// False: the door takes nobody; let go of it.
  bool start();
  /// Closes after a moment if no request has begun, else after the reply to it. Who goes on sending
  /// a body is waited for.
  void drain();
  /// Closes now. A running call ends as UNAVAILABLE, and its caller is told if nothing has left
  /// yet; so is the sender of half a body.
  void abort();
  /// Runs `f` on the session's thread, at once if this is it.
  template <class F>
  void run(F f) {
    asio::dispatch(io_, std::move(f));
  }
  /// As run, but never at once.
  template <class F>
  void post(F f) {
    asio::post(io_, std::move(f));
  }

  // On its thread, from the call it runs.
  void reply(const HttpReply& reply, Written done);
  /// The head of a stream, before the first item.
  void begin_stream(int status, const HttpHeaders& headers);
  void stream(std::string_view item, Written done);
  void end_stream(Written done);
  /// After the last byte of a call.
  void call_ended(bool ok);

  bool is_http_1_0() const { return version_ < 11; }
  const HttpService& service() const { return service_; }
  const std::string& peer_address() const { return peer_address_; }
  const std::string& peer() const { return peer_; }
  /// Never null; empty unless the peer has shown a certificate.
  const std::shared_ptr<const PeerIdentity>& peer_identity() const { return peer_identity_; }

 private:
  using Parser = http::request_parser<http::string_body>;
  static constexpr std::size_t kReadSize = 8 * 1024;

  void handshake();
  void handshaken(boost::system::error_code error);
  void next_request();
  bool skip_empty_line();
  std::string_view waiting() const;
  std::size_t put(boost::beast::error_code& error);
  void parse();
  bool admit_head();
  bool is_amid_body() const;
  void turn_away();
  void refuse(boost::beast::error_code error);
  void refuse(const Status& status, int http_code);
  void dispatch();
  void run_call(HttpCall* call);
  void set_busy(bool busy);
  void listen();
  void hear();
  std::ptrdiff_t receive(asio::mutable_buffer space);
  void watch_hangup();
  void peer_left();
  bool send_now(std::string_view bytes);
  std::size_t write_some(asio::const_buffer bytes, boost::system::error_code& error);
  std::string_view date() const;
  void write(std::string head, std::string body, Written done);
  void write_more();
  void linger();
  void leave_silently();
  void shut();
  void discard(std::size_t budget);
  void close();
  Duration head_patience(Duration timeout) const;
  Duration write_patience() const;
  void expire_after(Duration timeout);
  void arm_timer();

  asio::io_context& io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::ip::tcp::socket socket_;
  std::unique_ptr<TlsStream> tls_;  // null: plain text
  HttpService& service_;
  std::string peer_address_, peer_, early_bytes_;
  std::shared_ptr<const PeerIdentity> peer_identity_;

  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::optional<RawRequest::header_type> head_before_trailers_;  // of a chunked request
  bool head_seen_ = false, begun_ = false, skipped_line_ = false;
  std::size_t head_size_ = 0;  // request line and headers, as far as they were parsed

  std::string out_[2];  // being written: head, body
  std::size_t out_part_ = 0, out_at_ = 0;
  Written written_;

  HttpCall* call_ = nullptr;      // the running one
  bool busy_ = false;             // a request is being answered
  bool listening_ = false;        // waits for the peer
  bool more_ = false;             // the last read took all that it could
  std::optional<Hangup> hangup_;  // engaged while more has come than is read ahead
  bool has_left_ = false;         // the peer says nothing more
  unsigned version_ = 11;
  bool keep_alive_ = true, head_only_ = false, chunked_ = false;

  asio::steady_timer timer_, deadline_;
  TimePoint expiry_ = TimePoint::max();
  bool timer_armed_ = false, lingering_ = false, closed_ = false;
  bool closing_ = false;  // with the next bytes that leave
  bool shaking_hands_ = false;
};

/// Answers one request: a route of one's own, a call, or an error. On the session's thread. The
/// call is to be run by the session, null if the answer was given.
HttpCall* answer(HttpSession& session, RawRequest&& request);

}  // namespace brontes::detail
