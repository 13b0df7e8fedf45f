// Binding, with an error that says which address and why.
#pragma once

#include <brontes/actors/status.hpp>
#include <string>

namespace brontes::detail {

/// A file descriptor that is closed with its owner.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd();

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// A bound TCP socket that does not listen yet; the address as parse_address reads it. Resolves the
/// host, so it may block: for start-up only. kInvalidArgument for what is no address, kUnavailable
/// or kPermissionDenied for what cannot be bound.
Expected<UniqueFd> bind_tcp(const std::string& address);

/// So many connections may wait to be accepted; the kernel may allow fewer (net.core.somaxconn).
constexpr int kBacklog = 4096;

/// The same, listening.
Expected<UniqueFd> listen_tcp(const std::string& address);

/// Of a bound socket.
int local_port(int fd);

}  // namespace brontes::detail
