#include <algorithm>
#include <array>
#include <brontes/discovery/registries/detail/url_options.hpp>
#include <brontes/discovery/registries/etcd/detail/keys.hpp>
#include <brontes/discovery/registries/etcd/detail/wire.hpp>
#include <brontes/discovery/registries/etcd/etcd_registry.hpp>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace brontes {
namespace {

constexpr std::array<std::string_view, 2> kEtcdOptions = {"prefix", "user"};

Status read_pem(const char* what, const std::string& file, std::string& into) {
  if (file.empty()) return {};
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  into.assign(std::istreambuf_iterator<char>(in), {});
  const std::string why = !in || errno != 0 ? std::generic_category().message(errno)
                          : into.find("-----BEGIN ") == into.npos ? "there is nothing in PEM form"
                                                                  : "";
  if (why.empty()) return {};
  return {Errc::kInvalidArgument,
          std::string("TLS ") + what + " of the registry '" + file + "': " + why};
}

Status read_etcd_files(const RegistryAccess& access, EtcdOptions& options) {
  if (Status status = detail::check_tls_files(access); !status.ok()) return status;
  if (Status status = read_pem("ca", access.ca, options.ca); !status.ok()) return status;
  if (Status status = read_pem("certificate", access.cert, options.certificate); !status.ok())
    return status;
  return read_pem("key", access.key, options.key);
}

}  // namespace

Status check_etcd_url(const RegistryUrl& url) {
  for (const auto& [name, value] : url.options)
    if (std::find(kEtcdOptions.begin(), kEtcdOptions.end(), name) == kEtcdOptions.end())
      return detail::bad_url(url, "etcd has no option " + name + "; there are prefix and user");
  const auto prefix = etcd::normal_prefix(detail::url_option(url, "prefix", ""));
  return prefix ? Status() : detail::bad_url(url, prefix.error().message());
}

Expected<EtcdOptions> etcd_options(const RegistryUrl& url, const RegistryAccess& access) {
  if (Status status = check_etcd_url(url); !status.ok()) return fail(std::move(status));
  EtcdOptions options;
  options.members = url.addresses;
  options.prefix = *etcd::normal_prefix(detail::url_option(url, "prefix", options.prefix));
  options.user = detail::url_option(url, "user", access.user);
  options.password = access.password;
  if (!options.user.empty() && options.password.empty())
    return fail(detail::bad_url(
        url, "user " + options.user + " has no password; set registry_auth.password"));
  options.tls = access.tls;
  if (Status status = read_etcd_files(access, options); !status.ok())
    return fail(std::move(status));
  return options;
}

Registry spawn_etcd_registry(System& system, EtcdOptions options) {
  auto wire = etcd::make_grpc_wire(options);
  return etcd::spawn_registry(system, std::move(options), std::move(wire));
}

}  // namespace brontes
