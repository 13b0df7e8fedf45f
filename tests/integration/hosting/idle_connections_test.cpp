// What a connection costs that is kept alive and says nothing.
#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "server_process.hpp"

namespace brontes::testing {
namespace {

/// Connected; has had one answer.
int keep_alive_connection(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  constexpr std::string_view kRequest = "GET /v1/say/idle HTTP/1.1\r\nHost: a\r\n\r\n";
  std::string answer(4096, '\0');
  if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) != ssize_t{kRequest.size()} ||
      recv(fd, answer.data(), answer.size(), 0) <= 0 || !answer.starts_with("HTTP/1.1 200")) {
    close(fd);
    return -1;
  }
  return fd;
}

TEST(IdleConnections, TenThousandTakeTwentyKilobytesEachAtMost) {
  constexpr int kWarmUp = 200, kCount = 10'000;
  if (!kMemoryTells) GTEST_SKIP() << "a sanitizer keeps what was freed";
  if (!allow_descriptors(kCount + kWarmUp + 300))
    GTEST_SKIP() << "the system allows fewer than 10,500 open files";
  ChildProcess server({BRONTES_GREETER, "--listen", "127.0.0.1:0", "--set", "drain.min=0s", "--set",
                       "limits.connections=12000", "--set", "http.idle_timeout=1h"});
  const std::string serving = server.wait_for_line("serving name=");
  const auto port = static_cast<std::uint16_t>(std::stoi(value_in(serving, "http_port")));

  std::vector<int> open;
  const auto add = [&](int count) {
    for (int i = 0; i < count; ++i) open.push_back(keep_alive_connection(port));
  };
  add(kWarmUp);
  const std::size_t before = resident(server);
  add(kCount);
  const std::size_t after = resident(server);
  EXPECT_EQ(std::count(open.begin(), open.end(), -1), 0) << "connections that got no answer";
  const double each = (static_cast<double>(after) - static_cast<double>(before)) / kCount;
  EXPECT_LE(each, 20'000) << "bytes in memory for each connection";
  RecordProperty("bytes_each", std::to_string(each));
  std::printf("idle connection: %.0f bytes each\n", each);

  const int one_more = keep_alive_connection(port);
  EXPECT_GE(one_more, 0) << "and the server still serves";
  open.push_back(one_more);
  for (const int fd : open) close(fd);
}

}  // namespace
}  // namespace brontes::testing
