// TLS over an accepted socket, with the calls that a session makes of a socket.
#pragma once

#include <utility>  // asio 1.18 forgets it

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <brontes/actors/call/peer_identity.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;

namespace brontes::detail {

/// On the thread of the socket; nothing here blocks. At most one handshake and one wait of each
/// kind at a time; handlers are called by the socket's executor, never inside of the call, and hold
/// whoever owns the stream. The socket outlives the stream; closing it ends what is pending.
/// OpenSSL reads and writes the socket itself and keeps no buffer while nothing is under way.
class TlsStream {
 public:
  using Done = std::function<void(boost::system::error_code)>;

  TlsStream(boost::asio::ip::tcp::socket& socket, ssl_ctx_st* context);
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;
  ~TlsStream();

  /// `early` is what was read from the socket already. Ends only when the peer sends or goes: the
  /// owner closes the socket of one that is too slow.
  void handshake(std::string early, Done done);

  /// Until take() may have something, or there is the end.
  void wait(Done done);
  /// What is there, at most one record: 0 at the end, which is also what came damaged; -1 if it is
  /// nothing.
  std::ptrdiff_t take(boost::asio::mutable_buffer space);

  /// What the socket takes at once, at most one record; would_block if that is nothing. Then, after
  /// wait_writable(), the same bytes are to be written first.
  std::size_t write_some(boost::asio::const_buffer bytes, boost::system::error_code& error);
  void wait_writable(Done done);

  /// Tells the peer that nothing more comes. What it still sends is for the socket to read.
  void say_goodbye(Done done);
  /// The same as far as the socket takes it at once, for who closes it next. Nothing where nothing
  /// ends in order: before the end of the handshake, after a mistake of the peer's, amid a record.
  void say_goodbye_now();

  /// Of the certificate that the peer has shown and the context has verified.
  PeerIdentity peer_identity() const;

 private:
  struct Transport;  // what OpenSSL calls to reach the socket

  void shake(Done done);
  void post(Done done, boost::system::error_code error);
  /// Calls `again` when OpenSSL may go on after it has said `why` (SSL_ERROR_WANT_...).
  void wait_for(int why, Done again);

  boost::asio::ip::tcp::socket& socket_;
  const std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  std::string early_;
  std::size_t early_at_ = 0;
  int read_wants_, write_wants_;  // SSL_ERROR_WANT_...
  bool broken_ = false;           // OpenSSL must not be asked to end it in order
  bool amid_record_ = false;      // the socket took a part of one
};

}  // namespace brontes::detail
