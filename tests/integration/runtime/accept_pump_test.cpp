// The end of a listener: what waits is taken, and nobody can keep it from ending.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <atomic>
#include <brontes/actors/log.hpp>
#include <brontes/runtime/detail/accept_pump.hpp>
#include <brontes/runtime/detail/last_handshakes.hpp>
#include <brontes/runtime/detail/tcp_bind.hpp>
#include <chrono>
#include <future>
#include <string>

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;
using detail::AcceptPump;

constexpr auto kHang = 60s;

struct Lines {
  Lines() {
    set_log_sink([this](LogLevel, std::string_view, std::string_view line) {
      if (line.starts_with("handshakes go on")) ++count;
    });
  }
  ~Lines() { set_log_sink(nullptr); }
  std::atomic<int> count{0};
};

/// Set up and reset at once: leaves nothing behind. Whether somebody listened.
bool connect_to(int port) {
  const detail::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool set_up =
      ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  const linger at_once{1, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  return set_up;
}

struct ClosingListener : ::testing::Test {
  /// Whoever is taken is hung up on.
  AcceptPump::Start start(std::function<void()> taken) {
    auto socket = detail::listen_tcp("127.0.0.1:0");
    EXPECT_TRUE(socket);
    port = detail::local_port(socket->get());
    if (locked) {
      const int on = 1;  // no filter any more: as on a kernel that has none
      EXPECT_EQ(::setsockopt(socket->get(), SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof on), 0);
    }
    AcceptPump::Start start;
    start.socket = std::move(*socket);
    start.options.http = [taken = std::move(taken)](int fd, const std::string&) {
      ::close(fd);
      taken();
      return true;
    };
    start.ledger = std::make_shared<detail::ConnectionLedger>(1'000'000, 0);
    start.ended = [this] { over.set_value(); };
    return start;
  }

  Lines lines;
  bool locked = true;
  int port = 0;
  std::promise<void> over;
};

TEST_F(ClosingListener, AClientThatConnectsForEverDoesNotKeepIt) {
  std::atomic<bool> goes_on{true};
  AcceptPump pump(start([&] {
    if (goes_on) connect_to(port);  // there is always another one
  }));
  ASSERT_TRUE(connect_to(port));
  pump.finish(2ms);
  EXPECT_EQ(over.get_future().wait_for(kHang), std::future_status::ready);
  goes_on = false;
}

TEST_F(ClosingListener, SaysOnceThatHandshakesGoOn) {
  AcceptPump pump(start([] {}));
  pump.finish(2ms);
  pump.finish(2ms);
  ASSERT_EQ(over.get_future().wait_for(kHang), std::future_status::ready);
  EXPECT_EQ(lines.count, 1);
}

TEST_F(ClosingListener, SaysNothingWhereTheyAreHeldBack) {
  locked = false;
  AcceptPump pump(start([] {}));
  pump.finish(2ms);
  ASSERT_EQ(over.get_future().wait_for(kHang), std::future_status::ready);
  EXPECT_EQ(lines.count, 0);
}

/// Whether the kernel answers a SYN at once, as it does on loopback.
bool is_set_up_at_once(int port) {
  const detail::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return true;
  pollfd waits{fd.get(), POLLOUT, 0};
  return ::poll(&waits, 1, 0) == 1;
}

TEST(LastHandshakes, NoneBeginsAfterTheWord) {
  const auto socket = detail::listen_tcp("127.0.0.1:0");
  ASSERT_TRUE(socket);
  const int port = detail::local_port(socket->get());
  EXPECT_TRUE(is_set_up_at_once(port));
  ASSERT_TRUE(detail::begin_no_handshake(socket->get()));
  EXPECT_FALSE(is_set_up_at_once(port));
}

// While the pump's only thread is held up, connections wait in the kernel's queue.
TEST_F(ClosingListener, TakesWhatWaitsBeforeItCloses) {
  std::promise<void> busy, go_on;
  std::atomic<int> count{0};
  AcceptPump pump(start([&] {
    if (count++ > 0) return;
    busy.set_value();
    go_on.get_future().wait();
  }));
  ASSERT_TRUE(connect_to(port));
  busy.get_future().wait();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(connect_to(port));
  pump.finish(2ms);
  go_on.set_value();
  ASSERT_EQ(over.get_future().wait_for(kHang), std::future_status::ready);
  EXPECT_EQ(count, 21);
}

}  // namespace
}  // namespace brontes::testing
