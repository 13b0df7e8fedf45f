#include <algorithm>
#include <brontes/discovery/registries/consul/consul_registry.hpp>
#include <brontes/discovery/registries/dns/dns_registry.hpp>
#include <brontes/discovery/registries/etcd/etcd_registry.hpp>
#include <brontes/discovery/registries/memory_registry.hpp>
#include <brontes/discovery/registries/registries.hpp>
#include <brontes/discovery/registries/registry_url.hpp>
#include <brontes/discovery/registries/static_registry.hpp>
#include <map>
#include <mutex>
#include <random>
#include <utility>

namespace brontes {
namespace {

/// Stops the actor when the last user has gone.
struct Life {
  explicit Life(Registry actor) : registry(std::move(actor)) {}
  ~Life() { stop(registry); }
  Registry registry;
};

/// Memory registries belong to their System, but only while somebody uses them.
struct MemoryRegistries {
  std::mutex mutex;
  std::map<std::pair<System*, std::string>, std::weak_ptr<Life>> by_name;
};

MemoryRegistries& memory_registries() {
  static MemoryRegistries all;
  return all;
}

std::shared_ptr<Life> shared_memory(System& system, const std::string& name) {
  MemoryRegistries& all = memory_registries();
  const std::lock_guard lock(all.mutex);
  std::erase_if(all.by_name, [](const auto& entry) { return entry.second.expired(); });
  auto& slot = all.by_name[{&system, name}];
  auto life = slot.lock();
  if (!life) slot = life = std::make_shared<Life>(Registry(spawn_memory_registry(system)));
  return life;
}

/// How a kind of registry is opened.
struct Opened {
  std::shared_ptr<Life> life;
  RegistryFeatures features = {};
};

Expected<Opened> open_kind(System& system, const RegistryUrl& url, const RegistryAccess& access) {
  if (url.scheme == "memory") return Opened{shared_memory(system, url.name)};
  if (url.scheme == "static")
    return Opened{std::make_shared<Life>(spawn_static_registry(system, url.addresses)),
                  kStaticFeatures};
  if (url.scheme == "consul") {
    auto options = consul_options(url, access);
    if (!options) return fail(options.error());
    options->seed = std::random_device{}();
    return Opened{std::make_shared<Life>(spawn_consul_registry(system, std::move(*options))),
                  kConsulFeatures};
  }
  if (url.scheme == "dns") {
    auto options = dns_options(url);
    if (!options) return fail(options.error());
    return Opened{std::make_shared<Life>(spawn_dns_registry(system, std::move(*options))),
                  kDnsFeatures};
  }
  auto options = etcd_options(url, access);
  if (!options) return fail(options.error());
  options->seed = std::random_device{}();
  return Opened{std::make_shared<Life>(spawn_etcd_registry(system, std::move(*options)))};
}

Status check_url(const RegistryUrl& url) {
  if (url.scheme == "memory" || url.scheme == "static") return {};
  if (url.scheme == "etcd") return check_etcd_url(url);
  if (url.scheme == "dns") {
    const auto options = dns_options(url);
    return options ? Status() : options.error();
  }
  return check_consul_url(url);
}

}  // namespace

Status check_registry(std::string_view url) {
  const auto parsed = parse_registry_url(url);
  return parsed ? check_url(*parsed) : parsed.error();
}

struct Registries::State {
  System& system;
  RegistryAccess access;
  std::mutex mutex{};
  std::map<std::string, OpenRegistry, std::less<>> open{};
};

Registries::Registries(System& system, RegistryAccess access)
    : state_(new State{system, std::move(access)}) {}
Registries::~Registries() = default;

System& Registries::system() const { return state_->system; }

void Registries::adopt(std::string url, Registry registry, RegistryFeatures features) {
  const std::lock_guard lock(state_->mutex);
  OpenRegistry adopted{url, std::move(registry), features, nullptr};
  state_->open.insert_or_assign(std::move(url), std::move(adopted));
}

Expected<OpenRegistry> Registries::open(std::string_view url) {
  const std::lock_guard lock(state_->mutex);
  if (const auto found = state_->open.find(url); found != state_->open.end()) return found->second;
  const auto parsed = parse_registry_url(url);
  if (!parsed) return fail(parsed.error());
  if (Status status = check_url(*parsed); !status.ok()) return fail(std::move(status));
  std::string normal = parsed->to_string();
  if (const auto found = state_->open.find(normal); found != state_->open.end())
    return found->second;

  auto opened = open_kind(state_->system, *parsed, state_->access);
  if (!opened) return fail(opened.error());
  const Registry registry = opened->life->registry;
  OpenRegistry result{normal, registry, opened->features, std::move(opened->life)};
  state_->open.emplace(std::move(normal), result);
  return result;
}

}  // namespace brontes
