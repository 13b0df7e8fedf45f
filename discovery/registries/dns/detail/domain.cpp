#include <algorithm>
#include <brontes/discovery/detail/names.hpp>
#include <brontes/discovery/registries/dns/detail/domain.hpp>

namespace brontes::dns {

Status check_domain(std::string_view domain) {
  const auto bad = [&](const std::string& why) {
    return Status(Errc::kInvalidArgument,
                  "\"" + std::string(domain) + "\" is no name in DNS: " + why);
  };
  if (domain.size() > 253) return bad("it has more than 253 characters");
  for (const std::string_view label : brontes::detail::split(domain, '.')) {
    if (label.empty() || label.size() > 63)
      return bad("what stands between its dots must be 1 to 63 characters");
    if (!brontes::detail::is_name(label)) return bad("letters, digits, '-' and '_' only");
  }
  return {};
}

std::string plain_domain(std::string_view domain) {
  if (domain.ends_with('.')) domain.remove_suffix(1);
  std::string plain(domain);
  std::transform(plain.begin(), plain.end(), plain.begin(),
                 [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  return plain;
}

std::string domain_of(const std::string& name, const std::string& version,
                      const std::string& suffix) {
  return (version.empty() ? "" : version + ".") + name + (suffix.empty() ? "" : "." + suffix);
}

}  // namespace brontes::dns
