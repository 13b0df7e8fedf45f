// Subscribe to discovery events: the current state at once, then every change, and a word when what
// one has is stale. Here the registry is in memory and one greeter comes and goes.
#include <brontes/discovery/discovery.hpp>
#include <iostream>
#include <semaphore>

using brontes::DiscoveryEvent;

namespace {

void print(const DiscoveryEvent& event) {
  if (event.type == DiscoveryEvent::Type::kStale)
    std::cout << "stale: " << event.snapshot->cause.to_string() << '\n';
  if (event.change.empty())
    std::cout << "snapshot: " << event.snapshot->instances.size() << " instances\n";
  for (const auto& instance : event.change.added)
    std::cout << "+ " << instance->instance_id << " at " << instance->address << '\n';
  for (const auto& instance : event.change.updated)
    std::cout << "~ " << instance->instance_id << (instance->healthy ? "" : " drains") << '\n';
  for (const auto& instance : event.change.removed)
    std::cout << "- " << instance->instance_id << '\n';
}

}  // namespace

int main() {
  brontes::System system;
  brontes::Discovery discovery(system, {.registry = "memory:"});

  std::counting_semaphore printed(0);
  auto watching = discovery.subscribe("discovery:///greeter/v1", [&](const DiscoveryEvent& event) {
    print(event);
    printed.release();
  });
  if (!watching) {
    std::cerr << watching.error().to_string() << '\n';
    return 2;
  }
  printed.acquire();

  brontes::Instance greeter;
  greeter.name = "greeter";
  greeter.version = "v1";
  greeter.instance_id = "greeter-1";
  greeter.address = "10.0.0.7:8443";
  auto announced = discovery.announce(greeter);
  if (!announced) {
    std::cerr << announced.error().to_string() << '\n';
    return 2;
  }
  printed.acquire();

  announced->drain().wait();
  printed.acquire();
  announced->withdraw().wait();
  printed.acquire();
}
