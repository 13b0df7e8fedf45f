// What a guard costs a call that it lets in (or refuses), around a function that does nothing.
// Arguments: "consecutive", "share", "throttle": a closed breaker; "open": one that refuses;
// "rate_limit", "bulkhead", "chain" (breaker, limit, bulkhead), "per_key"; with "-2" behind, two
// threads call at a time. Prints {"cpu_ns": per call}.
#include <brontes/actors/resilience/breaker.hpp>
#include <brontes/actors/resilience/bulkhead.hpp>
#include <brontes/actors/resilience/chain.hpp>
#include <brontes/actors/resilience/per_key.hpp>
#include <brontes/actors/resilience/rate_limit.hpp>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "cpu_time.hpp"

namespace {

using brontes::BreakerOptions;

constexpr int kCalls = 5'000'000;

template <class Chain>
long make_calls(const Chain& guarded, int calls) {
  long sum = 0;
  for (int i = 0; i < calls; ++i) {
    const brontes::Expected<int> one = guarded.run([&]() -> brontes::Expected<int> { return i; });
    sum += one ? *one : 1;
  }
  return sum;
}

template <class Chain>
int measure(const Chain& guarded, int threads, int calls = kCalls) {
  long sum = make_calls(guarded, calls / 10);
  const double before = brontes::bench::cpu_seconds();
  {
    std::vector<std::jthread> others;
    for (int i = 1; i < threads; ++i)
      others.emplace_back([&] { (void)make_calls(guarded, calls); });
    sum += make_calls(guarded, calls);
  }
  const double used = brontes::bench::cpu_seconds() - before;
  std::printf("{\"cpu_ns\": %.3f}\n", used * 1e9 / calls / threads);
  return sum == 0 ? 1 : 0;
}

int open_breaker(brontes::System& system, int threads) {
  const auto breaker = brontes::Breaker::make(system, "bench").value();
  const auto guarded = brontes::chain(breaker);
  for (int i = 0; i < 6; ++i)
    (void)guarded.run([] { return brontes::Status(brontes::Errc::kUnavailable, "no bread"); });
  return measure(guarded, threads, kCalls / 5);
}

int run(brontes::System& system, const std::string& what, int threads) {
  using namespace brontes;
  const auto breaker = [&](BreakerOptions options) {
    return Breaker::make(system, "bench", std::move(options)).value();
  };
  const auto limit =
      RateLimit::make(system, "bench", {.per_second = 1e7, .burst = 1'000'000}).value();
  const auto bulkhead = Bulkhead::make(system, "bench", {.max_concurrent = 1000}).value();
  if (what == "consecutive") return measure(chain(breaker(BreakerOptions::gobreaker())), threads);
  if (what == "share") return measure(chain(breaker(BreakerOptions::hystrix())), threads);
  if (what == "throttle") return measure(chain(breaker(BreakerOptions::sre())), threads);
  if (what == "open") return open_breaker(system, threads);
  if (what == "rate_limit") return measure(chain(limit), threads);
  if (what == "bulkhead") return measure(chain(bulkhead), threads);
  if (what == "chain")
    return measure(chain(breaker(BreakerOptions::gobreaker()), limit, bulkhead), threads);
  if (what == "per_key") {
    const auto rooms = PerKey::make("bench", [&](const std::string& key) {
                         return Bulkhead::make(system, key + "room", {.max_concurrent = 1000});
                       }).value();
    return measure(chain(rooms), threads);
  }
  std::fprintf(stderr, "bench_guard: there is no case %s\n", what.c_str());
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::string what = argc > 1 ? argv[1] : "";
  int threads = 1;
  if (what.ends_with("-2")) {
    threads = 2;
    what.resize(what.size() - 2);
  }
  brontes::System system({.threads = 1});
  return run(system, what, threads);
}
