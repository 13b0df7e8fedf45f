#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <brontes/runtime/detail/tcp_bind.hpp>

#include <cctype>
#include <cerrno>
#include <memory>
#include <system_error>

namespace brontes::detail {
namespace {

struct HostPort {
  std::string host, port;
};

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

tl::unexpected<Status> cannot_listen(const std::string& address, Errc code, std::string why) {
  if (!why.empty()) why[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(why[0])));
  return fail(code, "listen " + address + ": " + why);
}

bool is_port(const std::string& text) {
  if (text.empty() || text.size() > 5) return false;
  for (const char c : text)
    if (c < '0' || c > '9') return false;
  return std::stoi(text) <= 65535;
}

Expected<HostPort> split(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon != std::string::npos && colon > 0) {
    HostPort parts{address.substr(0, colon), address.substr(colon + 1)};
    const bool bracketed = parts.host.front() == '[' && parts.host.back() == ']';
    if (bracketed) parts.host = parts.host.substr(1, parts.host.size() - 2);
    const bool plain = parts.host.find_first_of(":[]") == std::string::npos;
    if (!parts.host.empty() && (bracketed || plain) && is_port(parts.port)) return parts;
  }
  return cannot_listen(address, Errc::kInvalidArgument,
                       "an address is host:port or [ipv6]:port, with a port up to 65535");
}

UniqueFd bind_one(const addrinfo& target) {
  UniqueFd fd(::socket(target.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return fd;
  const int on = 1, off = 0;
  // A port whose last connections linger in TIME_WAIT is free; one that somebody listens on is not.
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (target.ai_family == AF_INET6)
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (::bind(fd.get(), target.ai_addr, target.ai_addrlen) == 0) return fd;
  const int why = errno;
  fd = UniqueFd();
  errno = why;
  return fd;
}

}  // namespace

UniqueFd::~UniqueFd() {
  if (fd_ >= 0) ::close(fd_);
}

Expected<UniqueFd> bind_tcp(const std::string& address) {
  const auto parts = split(address);
  if (!parts) return fail(parts.error());
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(parts->host.c_str(), parts->port.c_str(), &hints, &found);
  if (error != 0) return cannot_listen(address, Errc::kInvalidArgument, ::gai_strerror(error));
  const Addresses owner(found, &freeaddrinfo);
  int why = 0;
  for (const addrinfo* target = found; target != nullptr; target = target->ai_next) {
    UniqueFd fd = bind_one(*target);
    if (fd) return fd;
    why = errno;
  }
  const Errc code = why == EACCES ? Errc::kPermissionDenied : Errc::kUnavailable;
  return cannot_listen(address, code, std::generic_category().message(why));
}

int local_port(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  if (address.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

}  // namespace brontes::detail
