#include <algorithm>
#include <brontes/discovery/registries/memory_registry.hpp>
#include <brontes/discovery/registries/registries.hpp>
#include <brontes/discovery/registries/registry_url.hpp>
#include <brontes/discovery/registries/static_registry.hpp>
#include <map>
#include <mutex>
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

OpenRegistry opened(std::string url, std::shared_ptr<Life> life, RegistryFeatures features = {}) {
  const Registry registry = life->registry;
  return {std::move(url), registry, features, std::move(life)};
}

Status check_scheme(std::string_view url, const std::string& scheme) {
  if (scheme == "memory" || scheme == "static") return {};
  return {Errc::kUnimplemented, "registry URL \"" + std::string(url) + "\": " + scheme +
                                    " is not built in yet; write memory:[NAME] or static://h:p"};
}

}  // namespace

Status check_registry(std::string_view url) {
  const auto parsed = parse_registry_url(url);
  return parsed ? check_scheme(url, parsed->scheme) : parsed.error();
}

struct Registries::State {
  System& system;
  std::mutex mutex{};
  std::map<std::string, OpenRegistry, std::less<>> open{};
};

Registries::Registries(System& system) : state_(new State{system}) {}
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
  if (Status status = check_scheme(url, parsed->scheme); !status.ok())
    return fail(std::move(status));
  std::string normal = parsed->to_string();
  if (const auto found = state_->open.find(normal); found != state_->open.end())
    return found->second;

  std::shared_ptr<Life> life;
  RegistryFeatures features;
  if (parsed->scheme == "memory") {
    life = shared_memory(state_->system, parsed->name);
  } else if (parsed->scheme == "static") {
    life = std::make_shared<Life>(spawn_static_registry(state_->system, parsed->addresses));
    features = kStaticFeatures;
  }
  const OpenRegistry result = opened(normal, std::move(life), features);
  state_->open.emplace(std::move(normal), result);
  return result;
}

}  // namespace brontes
