// What one pick costs, the way a channel does it: read the published picker, pick.
// Arguments: a policy and the number of endpoints, "peak_ewma-1000"; with "-2" behind, two threads
// pick at a time. Endpoints have latencies, weights and calls in flight of their own. Prints
// {"cpu_ns": per pick}.
#include <brontes/actors/published.hpp>
#include <brontes/discovery/balancing/policies.hpp>
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cpu_time.hpp"

namespace {

using namespace std::chrono_literals;

constexpr int kPicks = 10'000'000;

struct HandClock final : brontes::Clock {
  brontes::TimePoint now() const override { return time; }
  brontes::WallTime wall() const override { return {}; }
  brontes::TimePoint time{1h};
};

std::vector<brontes::Candidate> busy_endpoints(int count, HandClock& clock) {
  const auto load = std::make_shared<brontes::ChannelLoad>(clock);
  std::vector<brontes::Candidate> all;
  for (int i = 0; i < count; ++i) {
    all.push_back({std::make_shared<brontes::Endpoint>("h" + std::to_string(i) + ":80", load),
                   std::make_shared<brontes::Instance>(), 50.0 + i % 100});
    const auto began = all.back().endpoint->shared_stats()->begin();
    clock.time += std::chrono::microseconds(1 + i % 7);
    all.back().endpoint->shared_stats()->end(began, brontes::Errc::kOk);
    if (i % 3 == 0) all.back().endpoint->shared_stats()->begin();
  }
  return all;
}

std::size_t pick(const brontes::Published<brontes::Picker>& published, int picks) {
  std::size_t checksum = 0;  // of addresses, so that the pick is used as a call would use it
  for (int i = 0; i < picks; ++i)
    published.read([&](const brontes::Picker& picker) {
      checksum += reinterpret_cast<std::uintptr_t>(
          picker.pick({"/s/m", {}, static_cast<std::uint64_t>(i) * 0x9e3779b97f4a7c15}).endpoint);
    });
  return checksum;
}

int measure(const std::string& policy_name, int count, int threads) {
  auto policy = brontes::make_policy({.policy = policy_name}, 1);
  if (!policy) {
    std::fprintf(stderr, "bench_pick: %s\n", policy.error().message().c_str());
    return 2;
  }
  HandClock clock;
  const brontes::Published<brontes::Picker> published(
      (*policy)->make_picker(busy_endpoints(count, clock)));
  std::size_t checksum = pick(published, kPicks / 10);
  const double before = brontes::bench::cpu_seconds();
  std::vector<std::jthread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back([&] { (void)pick(published, kPicks); });
  checksum += pick(published, kPicks);
  others.clear();
  const double used = brontes::bench::cpu_seconds() - before;
  std::printf("{\"cpu_ns\": %.3f}\n", used * 1e9 / kPicks / threads);
  return checksum == 0 ? 1 : 0;
}

int number(std::string_view& text) {
  int value = 0;
  const auto dash = text.rfind('-');
  if (dash == std::string_view::npos) return 0;
  std::from_chars(text.data() + dash + 1, text.data() + text.size(), value);
  text.remove_suffix(text.size() - dash);
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  std::string_view rest = argc > 1 ? argv[1] : "";
  const int last = number(rest);
  std::string_view shorter = rest;
  const int before_last = number(shorter);
  if (before_last > 0) return measure(std::string(shorter), before_last, last);
  if (last > 0) return measure(std::string(rest), last, 1);
  std::fprintf(stderr, "usage: bench_pick POLICY-COUNT[-THREADS]\n");
  return 2;
}
