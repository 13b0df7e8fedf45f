#include <algorithm>
#include <array>
#include <brontes/discovery/pem_files.hpp>
#include <brontes/discovery/registries/consul/consul_registry.hpp>
#include <brontes/discovery/registries/consul/detail/wire.hpp>

namespace brontes {
namespace {

constexpr std::array<std::string_view, 2> kOptions = {"prefix", "dc"};

Status bad(const RegistryUrl& url, const std::string& why) {
  return {Errc::kInvalidArgument, "registry URL \"" + url.to_string() + "\": " + why};
}

std::string option(const RegistryUrl& url, const char* name, std::string otherwise) {
  const auto found = url.options.find(name);
  return found == url.options.end() ? std::move(otherwise) : found->second;
}

Status read_files(const RegistryAccess& access, ConsulOptions& options) {
  if (!access.tls && !(access.ca + access.cert + access.key).empty())
    return {Errc::kInvalidArgument, "TLS of the registry: there are files for it, but it is off"};
  if (access.cert.empty() != access.key.empty())
    return {Errc::kInvalidArgument,
            "TLS of the registry: a certificate needs its key, and a key its certificate"};
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
    if (std::find(kOptions.begin(), kOptions.end(), name) == kOptions.end())
      return bad(url, "consul has no option " + name + "; there are prefix and dc");
    if (value.size() > 512 || std::any_of(value.begin(), value.end(),
                                          [](unsigned char c) { return c <= ' ' || c == 127; }))
      return bad(url, name + " has blanks, control characters or more than 512 bytes");
  }
  return {};
}

Expected<ConsulOptions> consul_options(const RegistryUrl& url, const RegistryAccess& access) {
  if (Status status = check_consul_url(url); !status.ok()) return fail(std::move(status));
  ConsulOptions options;
  options.agents = url.addresses;
  options.prefix = option(url, "prefix", options.prefix);
  options.datacenter = option(url, "dc", "");
  options.token = access.password;
  options.tls = access.tls;
  // It goes into a header as it is.
  if (std::any_of(options.token.begin(), options.token.end(),
                  [](unsigned char c) { return c <= ' ' || c >= 127; }))
    return fail(bad(url, "registry_auth.password is the token; it has blanks or what is no ASCII"));
  if (Status status = read_files(access, options); !status.ok()) return fail(std::move(status));
  return options;
}

Registry spawn_consul_registry(System& system, ConsulOptions options) {
  auto wire = consul::make_beast_wire(options);
  return consul::spawn_registry(system, std::move(options), std::move(wire));
}

}  // namespace brontes
