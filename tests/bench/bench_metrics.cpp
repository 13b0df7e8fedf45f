// What counting and timing one unary call costs: what the metrics interceptor does for it, on this
// thread, while THREADS - 1 others do the same. Prints {"cpu_ns": per call}.
#include <atomic>
#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/testkit/local_door.hpp>
#include <brontes/runtime/interceptors/call_metrics.hpp>
#include <cstdio>
#include <cstdlib>
#include <testing.brontes.hpp>
#include <thread>
#include <vector>

#include "cpu_time.hpp"

namespace {

using Echo = brontes::testing::EchoMethods;

/// CPU seconds of so many calls on so many threads.
double use(brontes::MessageInterceptor& metrics, brontes::Call& call, int calls, int threads) {
  const brontes::Status status;
  const brontes::testing::Ask message;
  const auto run = [&] {
    for (int i = 0; i < calls; ++i) {
      (void)metrics.on_headers(call);
      (void)metrics.on_received(call, message);
      metrics.on_sent(call, message);
      metrics.on_done(call, {status, true, std::chrono::microseconds(30)});
    }
  };
  const double before = brontes::bench::cpu_seconds();
  {
    std::vector<std::jthread> others;
    for (int i = 1; i < threads; ++i) others.emplace_back(run);
    run();
  }
  return brontes::bench::cpu_seconds() - before;
}

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  if (threads < 1) {
    std::fprintf(stderr, "usage: bench_metrics THREADS\n");
    return 2;
  }
  constexpr int kCalls = 2'000'000;
  brontes::System system({.deterministic = true});
  brontes::MethodTable table(system.clock());
  table.intercept(std::make_shared<brontes::CallMetrics>());
  brontes::Functions<Echo> echo;
  double used = 0;
  echo.on<Echo::Say>(
      [&](const brontes::testing::Ask&, brontes::testing::Answer&, brontes::Call& call) {
        auto& metrics = *call.method().chain.messages.at(0);
        (void)use(metrics, call, kCalls / 10, threads);
        used = use(metrics, call, kCalls, threads);
        return brontes::Status();
      });
  for (const auto& method : echo.rows()) (void)table.add(method);
  brontes::LocalDoor door(system, table);
  if (!door.call<Echo::Say>({})) return 1;
  std::printf("{\"cpu_ns\": %.3f}\n", used * 1e9 / kCalls / threads);
}
