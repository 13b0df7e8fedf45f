#include <brontes/runtime/address.hpp>
#include <charconv>

namespace brontes {
namespace {

tl::unexpected<Status> malformed(std::string_view text, const char* why) {
  return fail(Errc::kInvalidArgument, "'" + std::string(text) + "' is not host:port: " + why);
}

Expected<std::uint16_t> parse_port(std::string_view text, std::string_view port) {
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (port.empty() || error != std::errc() || end != port.data() + port.size())
    return malformed(text, "a port is a number from 0 to 65535");
  return number;
}

}  // namespace

std::string Address::to_string() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool Address::is_wildcard() const { return host.empty() || host == "0.0.0.0" || host == "::"; }

Expected<Address> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return malformed(text, "there is no colon");
  const auto port = parse_port(text, text.substr(colon + 1));
  if (!port) return fail(port.error());
  std::string_view host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return malformed(text, "an IPv6 address stands in brackets");
  if (host.find_first_of(" /[]") != std::string_view::npos)
    return malformed(text, "a host has no spaces, slashes or brackets");
  return Address{std::string(host), *port};
}

}  // namespace brontes
