#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <brontes/runtime/address.hpp>
#include <brontes/runtime/detail/tcp_bind.hpp>

#include <cctype>
#include <cerrno>
#include <memory>
#include <system_error>

namespace brontes::detail {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

tl::unexpected<Status> cannot_listen(const std::string& address, Errc code, std::string why) {
  if (!why.empty()) why[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(why[0])));
  return fail(code, "listen " + address + ": " + why);
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
  const auto parsed = parse_address(address);
  if (!parsed) return fail(parsed.error());
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  // All interfaces: the IPv6 socket takes IPv4 too.
  const std::string host = parsed->host.empty() ? "::" : parsed->host;
  addrinfo* found = nullptr;
  const int error =
      ::getaddrinfo(host.c_str(), std::to_string(parsed->port).c_str(), &hints, &found);
  if (error != 0) return cannot_listen(address, Errc::kInvalidArgument, ::gai_strerror(error));
  const Addresses owner(found, &freeaddrinfo);
  int why = 0;
  for (const addrinfo* target = found; target != nullptr; target = target->ai_next) {
    UniqueFd fd = bind_one(*target);
    if (fd) return fd;
    why = errno;
  }
  // A machine without IPv6 still has all its IPv4 interfaces.
  if (parsed->host.empty() && why == EAFNOSUPPORT)
    return bind_tcp("0.0.0.0:" + std::to_string(parsed->port));
  const Errc code = why == EACCES ? Errc::kPermissionDenied : Errc::kUnavailable;
  return cannot_listen(address, code, std::generic_category().message(why));
}

Expected<UniqueFd> listen_tcp(const std::string& address) {
  auto socket = bind_tcp(address);
  if (socket && ::listen(socket->get(), kBacklog) != 0)
    return cannot_listen(address, Errc::kUnavailable, std::generic_category().message(errno));
  return socket;
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
