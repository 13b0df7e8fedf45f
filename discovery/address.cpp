#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>

#include <brontes/discovery/address.hpp>
#include <charconv>
#include <memory>

namespace brontes {
namespace {

Status bad_address(std::string_view address, std::string_view why) {
  return {Errc::kInvalidArgument, "address \"" + std::string(address) + "\": " + std::string(why) +
                                      "; write host:port, or [ipv6]:port"};
}

}  // namespace

std::string HostPort::to_string() const {
  const bool bare_ipv6 = host.find(':') != std::string::npos;
  return (bare_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Expected<HostPort> split_address(std::string_view address) {
  if (address.find_first_of(" \t\r\n/") != std::string_view::npos)
    return fail(bad_address(address, "blanks and slashes have no place in it"));
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return fail(bad_address(address, "no port"));
  std::string_view host = address.substr(0, colon);
  const std::string_view digits = address.substr(colon + 1);
  if (host.starts_with('[') != host.ends_with(']') || host == "[")
    return fail(bad_address(address, "brackets do not match"));
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  if (host.find_first_of("[]") != std::string_view::npos)
    return fail(bad_address(address, "brackets do not match"));

  std::uint16_t port = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || port == 0)
    return fail(bad_address(address, "the port is not a number from 1 to 65535"));
  return HostPort{std::string(host), port};
}

Expected<std::string> dialable_address(std::string_view address) {
  auto parts = split_address(address);
  if (!parts) return fail(parts.error());
  if (parts->host.empty() || parts->host == "::" || parts->host == "0.0.0.0") {
    auto local = local_ipv4();
    if (!local) return fail(local.error());
    parts->host = *local;
  }
  return parts->to_string();
}

Expected<std::string> local_ipv4() {
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0)
    return fail(Errc::kUnavailable, "asking the system for its network interfaces failed");
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> list(first, &freeifaddrs);
  for (const ifaddrs* it = first; it != nullptr; it = it->ifa_next) {
    if (it->ifa_addr == nullptr || it->ifa_addr->sa_family != AF_INET) continue;
    if ((it->ifa_flags & IFF_LOOPBACK) != 0) continue;
    char text[INET_ADDRSTRLEN] = {};
    const auto* address = reinterpret_cast<const sockaddr_in*>(it->ifa_addr);
    if (inet_ntop(AF_INET, &address->sin_addr, text, sizeof text) != nullptr)
      return std::string(text);
  }
  return fail(
      Errc::kNotFound,
      "this machine has no IPv4 address besides the loopback; announce an address with a host");
}

}  // namespace brontes
