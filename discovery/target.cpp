#include <algorithm>
#include <array>
#include <brontes/discovery/address.hpp>
#include <brontes/discovery/detail/names.hpp>
#include <brontes/discovery/target.hpp>

namespace brontes {
namespace {

constexpr std::array<std::string_view, 5> kTargetSchemes{"discovery", "memory", "static", "etcd",
                                                         "consul"};

Status bad_target(std::string_view target, const std::string& why) {
  return {Errc::kInvalidArgument, "target \"" + std::string(target) + "\": " + why};
}

std::string_view scheme_of(std::string_view target) {
  const std::size_t colon = target.find(':');
  return colon == std::string_view::npos ? std::string_view() : target.substr(0, colon);
}

/// "/orders/v1/whatever" -> orders, v1. An empty path leaves the query without a name.
Status read_path(std::string_view target, std::string_view path, Query& query) {
  std::size_t place = 0;
  for (const std::string_view part : detail::split(path, '/')) {
    if (part.empty()) continue;
    if (place == 2) break;
    auto text = detail::percent_decode(part);
    if (!text) return bad_target(target, text.error().message());
    if (!detail::is_name(*text))
      return bad_target(target,
                        (place == 0 ? "name \"" : "version \"") + *text +
                            "\" may hold letters, digits, '.', '_' and '-' only, at most 128");
    (place == 0 ? query.name : query.version) = std::move(*text);
    ++place;
  }
  return {};
}

Expected<Target> read_static(std::string_view target, std::string_view rest) {
  Target result{"static", {}, {}};
  if (rest.starts_with("//")) rest.remove_prefix(2);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  result.addresses = std::string(rest.substr(0, slash));
  if (!result.addresses.empty()) {
    for (const std::string_view address : detail::split(result.addresses, ',')) {
      if (auto parts = split_address(address); !parts)
        return fail(bad_target(target, parts.error().message()));
    }
  }
  if (Status status = read_path(target, rest.substr(slash), result.query); !status.ok())
    return fail(std::move(status));
  if (result.query.name.empty()) {
    if (result.addresses.empty())
      return fail(bad_target(target, "no addresses; write static:10.0.0.7:80,10.0.0.8:80"));
    result.query.name = "static";
  }
  return result;
}

}  // namespace

bool is_registry_target(std::string_view target) {
  return std::find(kTargetSchemes.begin(), kTargetSchemes.end(), scheme_of(target)) !=
         kTargetSchemes.end();
}

Expected<Target> parse_target(std::string_view target) {
  if (!is_registry_target(target))
    return fail(bad_target(target, "no scheme of a registry; write discovery:///NAME[/VERSION]"));
  const std::string_view scheme = scheme_of(target);
  std::string_view rest = target.substr(scheme.size() + 1);
  rest = rest.substr(0, rest.find('?'));
  if (scheme == "static") return read_static(target, rest);

  const std::string form = std::string(scheme) + ":///NAME[/VERSION]";
  if (!rest.starts_with("//")) return fail(bad_target(target, "write " + form));
  rest.remove_prefix(2);
  if (!rest.starts_with('/'))
    return fail(
        bad_target(target, "the registry's address belongs into the settings; write " + form));
  Target result{std::string(scheme), {}, {}};
  if (Status status = read_path(target, rest, result.query); !status.ok())
    return fail(std::move(status));
  if (result.query.name.empty()) return fail(bad_target(target, "no service name; write " + form));
  return result;
}

}  // namespace brontes
