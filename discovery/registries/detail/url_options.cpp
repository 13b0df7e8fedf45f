#include <brontes/discovery/registries/detail/url_options.hpp>
#include <utility>

namespace brontes::detail {

Status bad_url(const RegistryUrl& url, const std::string& why) {
  return {Errc::kInvalidArgument, "registry URL \"" + url.to_string() + "\": " + why};
}

std::string url_option(const RegistryUrl& url, const char* name, std::string otherwise) {
  const auto found = url.options.find(name);
  return found == url.options.end() ? std::move(otherwise) : found->second;
}

Status check_tls_files(const RegistryAccess& access) {
  if (!access.tls && !(access.ca + access.cert + access.key).empty())
    return {Errc::kInvalidArgument, "TLS of the registry: there are files for it, but it is off"};
  if (access.cert.empty() != access.key.empty())
    return {Errc::kInvalidArgument,
            "TLS of the registry: a certificate needs its key, and a key its certificate"};
  return {};
}

}  // namespace brontes::detail
