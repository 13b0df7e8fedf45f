#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <brontes/runtime/detail/node_doors.hpp>
#include <charconv>
#include <filesystem>

namespace brontes::detail {
namespace {

/// 0 for whatever is no TCP socket.
std::uint16_t own_port(int fd) {
  sockaddr_storage address = {};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  if (address.ss_family == AF_INET)
    return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  if (address.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  return 0;
}

}  // namespace

// The doors own the descriptors and still close them; the peers see the connections end now.
void shut_sockets_of(std::uint16_t port) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
    const std::string name = entry.path().filename();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    if (fd >= 0 && own_port(fd) == port) shutdown(fd, SHUT_RDWR);
  }
}

}  // namespace brontes::detail
