// The end of a connection, seen past all that it still has to say.
#pragma once

#include <utility>  // asio 1.18 forgets it

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>

namespace brontes::detail {

/// Tells that the peer of a socket has reset it or shut its side down, though nobody reads what
/// came before: a read would tell only behind it. On the thread of the io_context; takes a
/// descriptor of its own, and tells nothing where there is none.
class Hangup {
 public:
  Hangup(boost::asio::io_context& io, int socket);
  Hangup(const Hangup&) = delete;
  Hangup& operator=(const Hangup&) = delete;

  /// Once; never inside of the call, and a moment after the destructor at the latest.
  void wait(std::function<void()> gone);

 private:
  boost::asio::posix::stream_descriptor events_;
};

}  // namespace brontes::detail
