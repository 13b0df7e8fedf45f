#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node_with_parlour.hpp"

namespace brontes::testing {

HttpConnection::HttpConnection(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  const timeval patience{std::chrono::duration_cast<std::chrono::seconds>(kHang).count(), 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

HttpConnection::~HttpConnection() { ::close(fd_); }

void HttpConnection::send(const std::string& method, const std::string& target,
                          const std::string& headers, const std::string& body) {
  const std::string request = method + " " + target +
                              " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers +
                              "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  EXPECT_EQ(::send(fd_, request.data(), request.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(request.size()));
}

std::string HttpConnection::read_all() {
  std::string all;
  char part[4096];
  for (ssize_t got = 0; (got = ::recv(fd_, part, sizeof part, 0)) > 0;)
    all.append(part, static_cast<std::size_t>(got));
  return all;
}

std::string HttpConnection::peer() const {
  sockaddr_in own = {};
  socklen_t size = sizeof own;
  ::getsockname(fd_, reinterpret_cast<sockaddr*>(&own), &size);
  return "ipv4:127.0.0.1:" + std::to_string(ntohs(own.sin_port));
}

}  // namespace brontes::testing
