#include <brontes/discovery/discovery.hpp>
#include <brontes/runtime/settings.hpp>
#include <brontes/tools/cli/commands.hpp>
#include <cstdlib>

namespace brontes::cli {
namespace {

constexpr const char* kVariables[] = {
    "BRONTES_REGISTRY_AUTH_USER",    "BRONTES_REGISTRY_AUTH_PASSWORD",
    "BRONTES_REGISTRY_TLS_ENABLED",  "BRONTES_REGISTRY_TLS_CA",
    "BRONTES_REGISTRY_TLS_CERT",     "BRONTES_REGISTRY_TLS_KEY",
    "BRONTES_DISCOVERY_SNAPSHOT_DIR"};

}  // namespace

Option registry_option() {
  return {"--registry", "URL",
          "etcd://h:p[,h:p]..., consul://h:p, dns://SUFFIX[:PORT], or static://h:p[,h:p]...", true};
}

Expected<DiscoveryOptions> registry_options(const Arguments& arguments) {
  SettingSources sources;
  for (const char* variable : kVariables)
    if (const char* value = std::getenv(variable)) sources.environment.emplace(variable, value);
  auto settings = load_settings(sources);
  if (!settings) return fail(settings.error());
  return DiscoveryOptions{arguments.get("--registry"),
                          {},
                          std::move(settings->registry_access),
                          std::move(settings->snapshot_dir)};
}

}  // namespace brontes::cli
