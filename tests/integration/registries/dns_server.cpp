#include "dns_server.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cstdlib>
#include <stdexcept>

namespace brontes::testing {
namespace {

sockaddr_in local_address(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool bind_to(int fd, std::uint16_t port) {
  const sockaddr_in address = local_address(port);
  return bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool receive_all(int fd, char* into, std::size_t size) {
  while (size > 0) {
    const ssize_t got = recv(fd, into, size, 0);
    if (got <= 0) return false;
    into += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

DnsServer::DnsServer() : stop_(eventfd(0, EFD_CLOEXEC)) {
  for (int attempt = 0; attempt < 50; ++attempt) {  // the same port must be free twice
    udp_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    tcp_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    if (bind_to(udp_, 0) && getsockname(udp_, reinterpret_cast<sockaddr*>(&bound), &size) == 0 &&
        bind_to(tcp_, ntohs(bound.sin_port)) && listen(tcp_, 16) == 0) {
      port_ = ntohs(bound.sin_port);
      thread_ = std::thread([this] { run(); });
      return;
    }
    close(udp_);
    close(tcp_);
  }
  throw std::runtime_error("no port for a DNS server");
}

DnsServer::~DnsServer() {
  const std::uint64_t one = 1;
  if (write(stop_, &one, sizeof one) != sizeof one) std::abort();
  thread_.join();
  for (const int fd : {udp_, tcp_, stop_}) close(fd);
}

std::string DnsServer::address() const { return "127.0.0.1:" + std::to_string(port_); }

void DnsServer::set(const std::string& name, unsigned type, std::vector<DnsRecord> records,
                    Manner manner) {
  const std::lock_guard lock(mutex_);
  entries_[{name, type}] = {std::move(records), manner};
}

void DnsServer::clear() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
}

int DnsServer::tcp_questions() const {
  const std::lock_guard lock(mutex_);
  return tcp_questions_;
}

void DnsServer::run() {
  for (;;) {
    std::array<pollfd, 3> polled{{{stop_, POLLIN, 0}, {udp_, POLLIN, 0}, {tcp_, POLLIN, 0}}};
    if (poll(polled.data(), polled.size(), -1) < 0) continue;
    if (polled[0].revents != 0) return;
    if (polled[1].revents != 0) serve_udp();
    if (polled[2].revents != 0) serve_tcp();
  }
}

void DnsServer::serve_udp() {
  std::string message(4096, '\0');
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  const ssize_t got =
      recvfrom(udp_, message.data(), message.size(), 0, reinterpret_cast<sockaddr*>(&peer), &size);
  Asked asked;
  message.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  if (!read_question(message, asked)) return;
  for (const std::string& reply : replies(asked, false))
    sendto(udp_, reply.data(), reply.size(), 0, reinterpret_cast<const sockaddr*>(&peer), size);
}

void DnsServer::serve_tcp() {
  const int peer = accept(tcp_, nullptr, nullptr);
  if (peer < 0) return;
  const timeval patience{5, 0};  // with a client that stands still
  setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::array<char, 2> length{};
  Asked asked;
  if (receive_all(peer, length.data(), length.size())) {
    const auto size = static_cast<std::size_t>(static_cast<unsigned char>(length[0])) << 8 |
                      static_cast<unsigned char>(length[1]);
    std::string message(size, '\0');
    if (receive_all(peer, message.data(), size) && read_question(message, asked))
      for (const std::string& reply : replies(asked, true)) {
        const std::string framed = number16(static_cast<unsigned>(reply.size())) + reply;
        send(peer, framed.data(), framed.size(), MSG_NOSIGNAL);
      }
  }
  close(peer);
}

bool DnsServer::read_question(const std::string& message, Asked& asked) {
  const auto byte = [&](std::size_t at) {
    return at < message.size() ? static_cast<unsigned char>(message[at]) : 0u;
  };
  if (message.size() < 17) return false;
  asked.id = byte(0) << 8 | byte(1);
  std::size_t at = 12;
  while (byte(at) != 0) {
    const std::size_t size = byte(at);
    for (std::size_t i = 1; i <= size; ++i)
      asked.name += static_cast<char>(std::tolower(static_cast<int>(byte(at + i))));
    at += size + 1;
    if (byte(at) != 0) asked.name += '.';
  }
  asked.type = byte(at + 1) << 8 | byte(at + 2);
  return at + 4 < message.size();
}

std::vector<std::string> DnsServer::replies(const Asked& asked, bool tcp) {
  const std::lock_guard lock(mutex_);
  tcp_questions_ += tcp ? 1 : 0;
  const auto found = entries_.find({asked.name, asked.type});
  DnsReply reply{asked.id, asked.name, asked.type};
  if (found == entries_.end()) {
    reply.code = 3;
    return {to_message(reply)};
  }
  reply.answers = found->second.records;
  switch (found->second.manner) {
    case Manner::kPlain:
      return {to_message(reply)};
    case Manner::kSilent:
      return {};
    case Manner::kGarbage:
      return {number16(asked.id) + std::string("\x81\x80\x00\x01\xff\xff garbage", 14)};
    case Manner::kForged: {
      const DnsReply forged{asked.id ^ 1u, asked.name, asked.type, {dns_a(asked.name, "10.6.6.6")}};
      return {to_message(forged), to_message(reply)};
    }
    case Manner::kServfail:
      reply.code = 2;
      reply.answers.clear();
      return {to_message(reply)};
    case Manner::kNeverWhole:
      if (tcp) return {};
      [[fallthrough]];
    case Manner::kByTcp:
      reply.truncated = !tcp;
      return {to_message(reply)};
  }
  return {};
}

}  // namespace brontes::testing
