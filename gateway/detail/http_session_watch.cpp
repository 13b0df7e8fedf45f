// How HttpSession learns that its peer has left.
#include <utility>

#include <sys/socket.h>

#include <brontes/gateway/detail/http_call.hpp>
#include <brontes/gateway/detail/http_session.hpp>
#include <cerrno>

namespace brontes::detail {

// HTTP/1.1 tells nobody that the peer has left: look for the end of the stream while a call runs,
// and while a peer takes nothing of its answer.
void HttpSession::watch() {
  if (watching_ || closed_ || has_left_) return;
  watching_ = true;
  auto done = [self = shared_from_this()](boost::system::error_code error) {
    self->watching_ = false;
    // With neither it is the next request that has arrived, and somebody reads.
    if ((!self->call_ && !self->written_) || self->closed_) return;
    if (!error) self->take_ahead();
  };
  tls_ ? tls_->wait(std::move(done))
       : socket_.async_wait(asio::ip::tcp::socket::wait_read, std::move(done));
}

// Never a blocking receive here. Pipelined bytes are kept, so that what follows them is seen, too.
void HttpSession::take_ahead() {
  if (buffer_.size() >= service_.options.max_header_bytes) return watch_hangup();
  const auto space = buffer_.prepare(kReadSize);
  const auto got = tls_ ? tls_->take(space)
                        : ::recv(socket_.native_handle(), space.data(), space.size(), MSG_DONTWAIT);
  if (got > 0) buffer_.commit(static_cast<std::size_t>(got));
  if (got > 0 || (got < 0 && (tls_ || errno == EAGAIN || errno == EINTR))) return watch();
  peer_left();
}

// More requests than are kept: they stay in the kernel, which still says when the peer goes.
void HttpSession::watch_hangup() {
  if (hangup_) return;
  hangup_.emplace(io_, socket_.native_handle());
  hangup_->wait([self = shared_from_this()] {
    if ((self->call_ || self->written_) && !self->closed_) self->peer_left();
  });
}

// A running call is over. An answer that is under way may still be read: some say all that they
// have to say, end their side, and then read; but they do not dawdle.
void HttpSession::peer_left() {
  has_left_ = true;
  keep_alive_ = false;
  const bool answered = !call_ || call_->finished();
  const bool writes = written_ != nullptr;  // not what the handler says when it hears of it
  const CallPtr alive = call_ ? call_->pointer() : CallPtr();
  if (call_) call_->leave();
  if (!writes) return;
  answered ? expire_after(write_patience()) : close();
}

}  // namespace brontes::detail
