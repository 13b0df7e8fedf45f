// What HttpSession hears of its peer: the next bytes, or that it has left.
#include <utility>

#include <sys/socket.h>

#include <brontes/gateway/detail/http_call.hpp>
#include <brontes/gateway/detail/http_session.hpp>
#include <cerrno>

namespace brontes::detail {

// One wait at a time, without a buffer: who is silent costs none. Also while a call runs, and while
// a peer takes nothing of its answer: HTTP/1.1 does not tell that a peer has left, the end of what
// it says does.
void HttpSession::listen() {
  if (listening_ || closed_ || has_left_) return;
  listening_ = true;
  auto heard = [self = shared_from_this()](boost::system::error_code error) {
    self->listening_ = false;
    if (self->closed_ || self->lingering_) return;  // then discard() reads
    error ? self->close() : self->hear();
  };
  // Whoever has sent as much as was taken has sent more, most likely: a wait would cost two calls.
  if (std::exchange(more_, false))
    return asio::post(io_, [heard = std::move(heard)] { heard({}); });
  tls_ ? tls_->wait(std::move(heard))
       : socket_.async_wait(asio::ip::tcp::socket::wait_read, std::move(heard));
}

// Never a blocking receive here. While a request is being answered further ones are kept, so that
// what follows them is seen, too.
void HttpSession::hear() {
  const bool answers = call_ || written_;
  if (answers && buffer_.size() >= service_.options.max_header_bytes) return watch_hangup();
  const std::ptrdiff_t got = receive(buffer_.prepare(kReadSize));
  if (got == 0) return answers ? peer_left() : close();
  if (got > 0) buffer_.commit(static_cast<std::size_t>(got));
  more_ = got == static_cast<std::ptrdiff_t>(kReadSize);
  got > 0 && !answers ? parse() : listen();
}

// What is there: 0 at the end, -1 if it is nothing.
std::ptrdiff_t HttpSession::receive(asio::mutable_buffer space) {
  if (tls_) return tls_->take(space);
  const auto got = ::recv(socket_.native_handle(), space.data(), space.size(), MSG_DONTWAIT);
  if (got >= 0) return got;
  return errno == EAGAIN || errno == EINTR ? -1 : 0;
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
