// What a connection costs that is kept alive and says nothing.
#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "server_process.hpp"

namespace brontes::testing {
namespace {

/// Connected; has had one answer, which is about as long as the name.
int keep_alive_connection(std::uint16_t port, const std::string& name = "idle") {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const std::string request = "GET /v1/say/" + name + " HTTP/1.1\r\nHost: a\r\n\r\n";
  std::string answer;
  bool fine = fd >= 0 &&
              connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
              send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
                  static_cast<ssize_t>(request.size());
  while (fine && !answer.ends_with('}')) {
    char part[16 * 1024];
    const ssize_t got = recv(fd, part, sizeof part, 0);
    fine = got > 0;
    if (fine) answer.append(part, static_cast<std::size_t>(got));
  }
  if (fine && answer.starts_with("HTTP/1.1 200")) return fd;
  close(fd);
  return -1;
}

/// Of a greeter with so many connections more, each after a request for that name.
double bytes_each(int count, const std::string& name) {
  constexpr int kWarmUp = 200;
  ChildProcess server({BRONTES_GREETER, "--listen", "127.0.0.1:0", "--set", "drain.min=0s", "--set",
                       "limits.connections=12000", "--set", "http.idle_timeout=1h"});
  const std::string serving = server.wait_for_line("serving name=");
  const auto port = static_cast<std::uint16_t>(std::stoi(value_in(serving, "http_port")));
  std::vector<int> open;
  const auto add = [&](int more) {
    for (int i = 0; i < more; ++i) open.push_back(keep_alive_connection(port, name));
  };
  add(kWarmUp);
  const std::size_t before = resident(server);
  add(count);
  const std::size_t after = resident(server);
  add(1);
  EXPECT_EQ(std::count(open.begin(), open.end(), -1), 0) << "connections that got no answer";
  for (const int fd : open) close(fd);
  return (static_cast<double>(after) - static_cast<double>(before)) / count;
}

TEST(IdleConnections, TenThousandTakeTwentyKilobytesEachAtMost) {
  constexpr int kCount = 10'000;
  if (!kMemoryTells) GTEST_SKIP() << "a sanitizer keeps what was freed";
  if (!allow_descriptors(kCount + 500))
    GTEST_SKIP() << "the system allows fewer than 10,500 open files";
  const double each = bytes_each(kCount, "idle");
  EXPECT_LE(each, 20'000) << "bytes in memory for each connection";
  RecordProperty("bytes_each", std::to_string(each));
  std::printf("idle connection: %.0f bytes each\n", each);
}

TEST(IdleConnections, KeepNoLargeRequestAndNoLargeReply) {
  if (!kMemoryTells) GTEST_SKIP() << "a sanitizer keeps what was freed";
  EXPECT_LE(bytes_each(700, std::string(50'000, 'a')), 40'000) << "of 50,000 in and 50,000 out";
}

}  // namespace
}  // namespace brontes::testing
