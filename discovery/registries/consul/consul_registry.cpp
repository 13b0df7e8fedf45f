#include <algorithm>
#include <array>
#include <brontes/discovery/pem_files.hpp>
#include <brontes/discovery/registries/consul/consul_registry.hpp>
#include <brontes/discovery/registries/consul/detail/wire.hpp>
#include <brontes/discovery/registries/detail/url_options.hpp>

namespace brontes {
namespace {

constexpr std::array<std::string_view, 2> kConsulOptions = {"prefix", "dc"};

Status read_consul_files(const RegistryAccess& access, ConsulOptions& options) {
  if (Status status = detail::check_tls_files(access); !status.ok()) return status;
  if (!access.ca.empty()) {
    auto ca = read_certificates("TLS ca of the registry", access.ca);
    if (!ca) return ca.error();
    options.ca = std::move(*ca);
  }
  if (access.cert.empty()) return {};
  auto pair = read_key_pair(access.cert, access.key);
  if (!pair) return pair.error();
  options.certificate = std::move(pair->certificate);
  options.key = std::move(pair->key);
  return {};
}

}  // namespace

Status check_consul_url(const RegistryUrl& url) {
  for (const auto& [name, value] : url.options) {
    if (std::find(kConsulOptions.begin(), kConsulOptions.end(), name) == kConsulOptions.end())
      return detail::bad_url(url, "consul has no option " + name + "; there are prefix and dc");
    if (value.size() > 512 || std::any_of(value.begin(), value.end(),
                                          [](unsigned char c) { return c <= ' ' || c == 127; }))
      return detail::bad_url(url, name + " has blanks, control characters or more than 512 bytes");
  }
  return {};
}

Expected<ConsulOptions> consul_options(const RegistryUrl& url, const RegistryAccess& access) {
  if (Status status = check_consul_url(url); !status.ok()) return fail(std::move(status));
  ConsulOptions options;
  options.agents = url.addresses;
  options.prefix = detail::url_option(url, "prefix", options.prefix);
  options.datacenter = detail::url_option(url, "dc", "");
  options.token = access.password;
  options.tls = access.tls;
  // It goes into a header as it is.
  if (std::any_of(options.token.begin(), options.token.end(),
                  [](unsigned char c) { return c <= ' ' || c >= 127; }))
    return fail(detail::bad_url(
        url, "registry_auth.password is the token; it has blanks or what is no ASCII"));
  if (Status status = read_consul_files(access, options); !status.ok())
    return fail(std::move(status));
  return options;
}

Registry spawn_consul_registry(System& system, ConsulOptions options) {
  auto wire = consul::make_beast_wire(options);
  return consul::spawn_registry(system, std::move(options), std::move(wire));
}

}  // namespace brontes
