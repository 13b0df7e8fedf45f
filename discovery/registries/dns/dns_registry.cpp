#include <arpa/inet.h>

#include <algorithm>
#include <brontes/discovery/address.hpp>
#include <brontes/discovery/detail/names.hpp>
#include <brontes/discovery/registries/detail/url_options.hpp>
#include <brontes/discovery/registries/dns/detail/domain.hpp>
#include <brontes/discovery/registries/dns/detail/wire.hpp>
#include <brontes/discovery/registries/dns/dns_registry.hpp>

namespace brontes {
namespace {

constexpr std::size_t kServers = 8;

bool is_ip(const std::string& host) {
  in6_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

Status read_servers(const RegistryUrl& url, const std::string& text, DnsOptions& options) {
  for (const std::string_view server : detail::split(text, ',')) {
    const auto parts = split_address(server);
    if (!parts) return detail::bad_url(url, "server: " + parts.error().message());
    if (!is_ip(parts->host))
      return detail::bad_url(
          url, "server: \"" + parts->host + "\" is no IP address, and who would look it up?");
    options.servers.push_back(parts->to_string());
  }
  if (options.servers.size() <= kServers) return {};
  return detail::bad_url(url, "more than " + std::to_string(kServers) + " servers");
}

}  // namespace

Expected<DnsOptions> dns_options(const RegistryUrl& url) {
  DnsOptions options;
  options.suffix = url.name;
  options.port = url.port;
  for (const auto& [name, value] : url.options) {
    Status status;
    if (name == "server")
      status = read_servers(url, value, options);
    else if (name != "srv")
      status = detail::bad_url(url, "dns has no option " + name + "; there are server and srv");
    else if (!value.empty() && !dns::check_domain(value).ok())
      status = detail::bad_url(url, "srv: " + dns::check_domain(value).message());
    else
      options.srv = value;
    if (!status.ok()) return fail(std::move(status));
  }
  return options;
}

Registry spawn_dns_registry(System& system, DnsOptions options) {
  auto wire = dns::make_cares_wire(options.servers);
  return dns::spawn_registry(system, std::move(options), std::move(wire));
}

}  // namespace brontes
