// What one pick costs, the way a channel does it: read the published picker, pick by round robin.
// Argument: the number of endpoints. Prints {"cpu_ns": per pick}.
#include <brontes/actors/published.hpp>
#include <brontes/discovery/balancing/round_robin.hpp>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "cpu_time.hpp"

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 10;
  if (count < 1) {
    std::fprintf(stderr, "usage: bench_pick COUNT\n");
    return 2;
  }
  std::vector<brontes::Candidate> candidates;
  for (int i = 0; i < count; ++i)
    candidates.push_back({std::make_shared<brontes::Endpoint>("h" + std::to_string(i) + ":80"),
                          std::make_shared<brontes::Instance>()});
  const auto policy = brontes::make_round_robin(0);
  const brontes::Published<brontes::Picker> published(policy->make_picker(std::move(candidates)));

  constexpr int kPicks = 10'000'000;
  std::size_t checksum = 0;  // of addresses, so that the pick is used as a call would use it
  const auto pick = [&](const brontes::Picker& picker) {
    checksum += reinterpret_cast<std::uintptr_t>(picker.pick({"/s/m"}).endpoint);
  };
  for (int i = 0; i < kPicks / 10; ++i) published.read(pick);
  const double before = brontes::bench::cpu_seconds();
  for (int i = 0; i < kPicks; ++i) published.read(pick);
  const double used = brontes::bench::cpu_seconds() - before;
  std::printf("{\"cpu_ns\": %.3f}\n", used * 1e9 / kPicks);
  return checksum == 0 ? 1 : 0;
}
