#include <algorithm>
#include <array>
#include <brontes/discovery/address.hpp>
#include <brontes/discovery/detail/names.hpp>
#include <brontes/discovery/registries/dns/detail/domain.hpp>
#include <brontes/discovery/registries/registry_url.hpp>

namespace brontes {
namespace {

Status bad(std::string_view url, const std::string& why) {
  return {Errc::kInvalidArgument, "registry URL \"" + std::string(url) + "\": " + why};
}

constexpr std::string_view kForms =
    "write memory:[NAME], static://h:p,h:p, etcd://h:p[,h:p][?prefix=/p], consul://h:p[?dc=d] or "
    "dns://SUFFIX[:PORT]";

constexpr std::array<std::string_view, 4> kSchemes = {"static", "etcd", "consul", "dns"};

Status read_options(std::string_view url, std::string_view text, RegistryUrl& result) {
  if (text.empty()) return {};
  for (const std::string_view pair : detail::split(text, '&')) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return bad(url, "option \"" + std::string(pair) + "\" is not key=value");
    auto value = detail::percent_decode(pair.substr(equals + 1));
    if (!value) return bad(url, value.error().message());
    const std::string key(pair.substr(0, equals));
    if (key == "password" || key == "token")
      return bad(url, key + " must not stand in a URL; put it into the settings");
    if (!result.options.emplace(key, std::move(*value)).second)
      return bad(url, "option " + key + " is given twice");
  }
  return {};
}

/// The URL is not repeated: what stands there may be a password.
Status check_no_user(std::string_view url, std::string_view addresses) {
  if (addresses.find('@') == std::string_view::npos) return {};
  return {Errc::kInvalidArgument,
          "registry URL \"" + std::string(url.substr(0, url.find(':'))) +
              "://...@...\": a user must not stand before the address; write ?user=NAME, and the "
              "password into registry_auth.password"};
}

Status read_addresses(std::string_view url, std::string_view text, RegistryUrl& result) {
  if (Status status = check_no_user(url, text); !status.ok()) return status;
  if (text.ends_with('/')) text.remove_suffix(1);
  if (text.empty()) return bad(url, "no address; " + std::string(kForms));
  for (const std::string_view address : detail::split(text, ',')) {
    auto parts = split_address(address);
    if (!parts) return bad(url, parts.error().message());
    if (parts->host.empty()) return bad(url, "\"" + std::string(address) + "\" has no host");
    if (parts->host.find(':') != std::string::npos && !address.starts_with('['))
      return bad(url, "\"" + std::string(address) + "\": an IPv6 address stands in brackets");
    result.addresses.push_back(parts->to_string());
  }
  return {};
}

/// "svc.local:80", "svc.local", ".:80": no suffix.
Status read_suffix(std::string_view url, std::string_view text, RegistryUrl& result) {
  if (text.ends_with('/')) text.remove_suffix(1);
  if (text.empty()) return bad(url, "no suffix; \".\" means none; " + std::string(kForms));
  const std::size_t colon = std::min(text.rfind(':'), text.size());
  if (colon < text.size()) {
    const auto parts = split_address(text);
    if (!parts) return bad(url, parts.error().message());
    if (parts->host.empty()) return bad(url, "no suffix; \".\" means none");
    result.port = parts->port;
  }
  result.name = dns::plain_domain(text.substr(0, colon));
  const Status status = result.name.empty() ? Status() : dns::check_domain(result.name);
  return status.ok() ? status : bad(url, status.message());
}

}  // namespace

std::string RegistryUrl::to_string() const {
  if (scheme == "memory") return "memory:" + name;
  std::string text = scheme + "://";
  if (scheme == "dns") text += name.empty() ? "." : name;
  if (port != 0) text += ':' + std::to_string(port);
  for (const auto& address : addresses) text += (&address == addresses.data() ? "" : ",") + address;
  char separator = '?';
  for (const auto& [key, value] : options) {
    text += separator + key + '=' + detail::percent_encode(value);
    separator = '&';
  }
  return text;
}

Expected<RegistryUrl> parse_registry_url(std::string_view url) {
  const std::size_t colon = url.find(':');
  if (colon == std::string_view::npos || colon == 0)
    return fail(bad(url, "no scheme; " + std::string(kForms)));
  RegistryUrl result;
  result.scheme = std::string(url.substr(0, colon));
  std::transform(result.scheme.begin(), result.scheme.end(), result.scheme.begin(),
                 [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  if (!detail::is_name(result.scheme)) return fail(bad(url, std::string(kForms)));
  std::string_view rest = url.substr(colon + 1);
  const bool slashes = rest.starts_with("//");
  if (slashes) rest.remove_prefix(2);

  if (result.scheme == "memory") {
    if (rest.starts_with('/')) rest.remove_prefix(1);
    if (!rest.empty() && !detail::is_name(rest))
      return fail(
          bad(url, "a memory registry's name holds letters, digits, '.', '_' and '-' only"));
    result.name = std::string(rest);
    return result;
  }
  if (std::find(kSchemes.begin(), kSchemes.end(), result.scheme) == kSchemes.end())
    return fail(bad(url, "there is no registry \"" + result.scheme + "\"; " + std::string(kForms)));
  if (!slashes) return fail(bad(url, "\"//\" is missing; " + std::string(kForms)));
  const std::size_t mark = rest.find('?');
  Status status = result.scheme == "dns" ? read_suffix(url, rest.substr(0, mark), result)
                                         : read_addresses(url, rest.substr(0, mark), result);
  if (status.ok() && mark != std::string_view::npos)
    status = read_options(url, rest.substr(mark + 1), result);
  if (!status.ok()) return fail(std::move(status));
  return result;
}

}  // namespace brontes
