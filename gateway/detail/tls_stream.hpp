// TLS over an accepted socket, with the calls that a session makes of a socket.
#pragma once

#include <utility>  // asio 1.18 forgets it

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <brontes/actors/call/peer_identity.hpp>
#include <functional>
#include <memory>
#include <string>

struct ssl_ctx_st;

namespace brontes::detail {

/// On the thread of the socket; nothing here blocks. At most one handshake, read, wait and write at
/// a time; handlers are called by the socket's executor, never inside of the call. The socket
/// outlives the stream; closing it ends what is pending.
class TlsStream {
 public:
  using Transferred = std::function<void(boost::system::error_code, std::size_t)>;
  using Done = std::function<void(boost::system::error_code)>;

  TlsStream(boost::asio::ip::tcp::socket& socket, ssl_ctx_st* context);
  ~TlsStream();

  /// `early` is what was read from the socket already. Ends only when the peer sends or goes: the
  /// owner closes the socket of one that is too slow.
  void handshake(std::string early, Done done);
  void read_some(boost::asio::mutable_buffer space, Transferred done);
  void write_some(boost::asio::const_buffer bytes, Transferred done);
  /// At once, while nothing is being read or written. False: the connection is of no use any more.
  bool write_now(std::string_view bytes);
  /// Until there is something to take, or the end.
  void wait(Done done);
  /// What wait() has found, without waiting: 0 at the end, -1 when there is nothing.
  std::ptrdiff_t take(boost::asio::mutable_buffer space);
  /// Tells the peer that nothing more comes. What it still sends is for the socket to read.
  void say_goodbye(Done done);

  /// Of the certificate that the peer has shown and the context has verified.
  PeerIdentity peer_identity() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with pending reads ahead
};

}  // namespace brontes::detail
