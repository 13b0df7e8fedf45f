// A session without its door, turned by hand: what it has read can be counted.
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <brontes/gateway/detail/http_session.hpp>

#include "http_client.hpp"

namespace brontes {
namespace {

constexpr std::size_t kOneRead = 8 * 1024;

struct HandTurned : DoorTest {
  explicit HandTurned(std::size_t max_header_bytes = 32 * 1024)
      : service_{table, routes(table), options(max_header_bytes)} {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_), 0);
    session_ = std::make_shared<detail::HttpSession>(
        detail::asio::ip::tcp::socket(io_, detail::asio::ip::tcp::v4(), ends_[1]), io_, service_,
        "");
    EXPECT_TRUE(session_->start());
  }
  ~HandTurned() override {
    session_->abort();
    session_.reset();
    io_.run();  // until its call has let go of it
    ::close(ends_[0]);
  }

  /// As many bytes as the session takes, at most so many. What it took, and not its socket.
  std::size_t pour(std::size_t most) {
    const std::string part(4096, 'x');
    std::size_t sent = 0;
    for (bool moves = true; moves && sent < most;) {
      const auto got = ::send(ends_[0], part.data(), part.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (got > 0) sent += static_cast<std::size_t>(got);
      moves = settle() || got > 0;
    }
    int left = 0;
    EXPECT_EQ(::ioctl(ends_[1], FIONREAD, &left), 0);
    return sent - static_cast<std::size_t>(left);
  }
  void send(std::string_view bytes) {
    EXPECT_EQ(::send(ends_[0], bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    settle();
  }
  const HttpDoorOptions& limits() const { return service_.options; }

 private:
  static std::shared_ptr<const Published<RouteTable>> routes(const MethodTable& table) {
    auto routes = std::make_shared<RouteTable>();
    EXPECT_TRUE(routes->add_all(table).empty());
    return std::make_shared<Published<RouteTable>>(std::move(routes));
  }
  static HttpDoorOptions options(std::size_t max_header_bytes) {
    HttpDoorOptions options;
    options.max_header_bytes = max_header_bytes;
    return options;
  }
  // A turn may only find out what the next one does.
  bool settle() {
    bool moved = false;
    for (int quiet = 0; quiet < 2; ++quiet)
      if (io_.poll() > 0) moved = true, quiet = -1;
    return moved;
  }

  detail::HttpService service_;
  detail::asio::io_context io_{1};
  int ends_[2] = {-1, -1};
  std::shared_ptr<detail::HttpSession> session_;
};

TEST_F(HandTurned, BehindARunningCallNoMoreIsReadThanAHeadMayBe) {
  send(get("/v1/slow/60000?key=k"));
  const std::size_t taken = pour(limits().max_header_bytes * 8);
  EXPECT_GE(taken, limits().max_header_bytes);
  EXPECT_LT(taken, limits().max_header_bytes + kOneRead);
}

}  // namespace
}  // namespace brontes
