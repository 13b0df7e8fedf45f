// A user's registry in the suite of the installed package: here it is the memory registry, adopted.
#include <brontes/discovery/registries/memory_registry.hpp>
#include <brontes/discovery/testkit/conformance.hpp>
#include <iostream>
#include <memory>

struct Mine final : brontes::RegistryUnderTest {
  explicit Mine(brontes::System& system) : registry_(brontes::spawn_memory_registry(system)) {}
  ~Mine() override { brontes::stop(registry_); }
  brontes::OpenRegistry registry() override {
    return {"mine:", brontes::Registry(registry_), {}, nullptr};
  }
  brontes::MemoryRegistry registry_;
};

int main() {
  const auto report = brontes::run_conformance(
      [](brontes::System& system) { return std::make_unique<Mine>(system); }, {.seeds = 1});
  std::cout << report.text();
  return report.passed() ? 0 : 1;
}
