#include <brontes/gateway/detail/hangup.hpp>

#include <sys/epoll.h>

namespace brontes::detail {

using boost::system::error_code;

// Asio asks epoll for what can be read, not for the end alone. An epoll that waits for nothing else
// can be read, for Asio's, when there is the end.
Hangup::Hangup(boost::asio::io_context& io, int socket) : events_(io) {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) return;
  error_code ignored;
  events_.assign(epoll, ignored);
  epoll_event end{};
  end.events = EPOLLRDHUP;  // a reset is told in any case
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &end);
}

void Hangup::wait(std::function<void()> gone) {
  if (!events_.is_open()) return;
  events_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [gone = std::move(gone)](error_code error) {
                       if (!error) gone();
                     });
}

}  // namespace brontes::detail
