#include "http_client.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace brontes {
namespace {

constexpr int kHangGuardMs = 20'000;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

Client::Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  const sockaddr_in address = loopback(port);
  EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

bool Client::can_connect(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = loopback(port);
  const bool connected =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return connected;
}

Client::~Client() {
  if (fd_ >= 0) ::close(fd_);
}

int Client::release() { return std::exchange(fd_, -1); }

void Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the peer has closed: the reply tells
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string Client::read_until(std::string_view text) {
  for (;;) {
    const auto found = text.empty() ? std::string::npos : buffer_.find(text);
    pollfd wait{fd_, POLLIN, 0};
    char chunk[4096];
    ssize_t got = 0;
    if (found == std::string::npos) {
      if (::poll(&wait, 1, kHangGuardMs) <= 0) {
        ADD_FAILURE() << "nothing came";
        return std::exchange(buffer_, {});
      }
      got = ::recv(fd_, chunk, sizeof chunk, 0);
      if (got <= 0) return std::exchange(buffer_, {});
      buffer_.append(chunk, static_cast<std::size_t>(got));
      continue;
    }
    std::string taken = buffer_.substr(0, found + text.size());
    buffer_.erase(0, taken.size());
    return taken;
  }
}

std::string Client::reply() {
  std::string head = read_until("\r\n\r\n");
  const auto at = head.find("Content-Length: ");
  if (at == std::string::npos) return head;
  const auto length = std::stoul(head.substr(at + 16));
  while (buffer_.size() < length) {
    char chunk[4096];
    const auto got = ::recv(fd_, chunk, sizeof chunk, 0);
    if (got <= 0) break;
    buffer_.append(chunk, static_cast<std::size_t>(got));
  }
  head += buffer_.substr(0, length);
  buffer_.erase(0, length);
  return head;
}

std::string get(std::string_view target, std::string_view more_headers) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: t\r\n" + std::string(more_headers) +
         "\r\n";
}

SocketPair::SocketPair() {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::listen(listener, 1), 0);
  EXPECT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  near = std::make_unique<Client>(ntohs(address.sin_port));
  far = ::accept(listener, nullptr, nullptr);
  ::close(listener);
}

HttpDoor& DoorTest::open(HttpDoorOptions options) {
  auto routes = std::make_shared<RouteTable>();
  EXPECT_TRUE(routes->add_all(table).empty());
  door = std::make_unique<HttpDoor>(
      table, std::make_shared<Published<RouteTable>>(std::move(routes)), options);
  return *door;
}

std::uint16_t DoorTest::start(HttpDoorOptions options) {
  const auto port = open(options).start("127.0.0.1:0");
  EXPECT_TRUE(port);
  return port ? *port : 0;
}

}  // namespace brontes
