#include "wire.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace brontes::testing {
namespace {

constexpr int kHangMs = std::chrono::milliseconds(kHang).count();

bool connect_to(int fd, std::uint16_t port) {
  const timeval patience{std::chrono::seconds(kHang).count(), 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
}

// True: there was something, and it is no more.
bool skip(int fd) {
  char part[4096];
  return ::recv(fd, part, sizeof part, 0) > 0;
}

}  // namespace

std::string exchange(std::uint16_t port, const std::string& bytes, const std::string& text) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  std::string answer;
  if (connect_to(fd, port)) {
    char part[4096];
    if (::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0)
      for (ssize_t got = 0; (text.empty() || answer.find(text) == std::string::npos) &&
                            (got = ::recv(fd, part, sizeof part, 0)) > 0;)
        answer.append(part, got);
    if (answer.empty()) answer = "lost";
  }
  ::close(fd);
  return answer;
}

std::string http_get(std::uint16_t port, const std::string& path) {
  return exchange(port, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                  "");
}

Onlooker::Onlooker(std::uint16_t port, const std::string& bytes)
    : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  const int little = 4096;
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
  EXPECT_TRUE(connect_to(fd_, port));
  EXPECT_GT(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), 0);
}

Onlooker::~Onlooker() { ::close(fd_); }

bool Onlooker::hears() const {
  pollfd wait{fd_, POLLIN, 0};
  return ::poll(&wait, 1, kHangMs) > 0;
}

std::string Onlooker::read_all() const {
  std::string all;
  char part[64 * 1024];
  for (ssize_t got = 0; (got = ::recv(fd_, part, sizeof part, 0)) > 0;) all.append(part, got);
  return all;
}

int Onlooker::first_to_end(const Onlooker& first, const Onlooker& second) {
  pollfd waits[] = {{first.fd_, POLLIN, 0}, {second.fd_, POLLIN, 0}};
  while (::poll(waits, 2, kHangMs) > 0)
    for (int i = 0; i < 2; ++i)
      if (waits[i].revents != 0 && !skip(waits[i].fd)) return i;
  return -1;
}

}  // namespace brontes::testing
