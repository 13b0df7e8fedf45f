#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "cpu_time.hpp"
#include "discovery_cases.hpp"
#include "discovery_watcher.hpp"
#include "server_process.hpp"

namespace brontes::bench {
namespace {

constexpr int kInstances = 10'000;
constexpr int kWriters = 4;

/// Runs the writer as a process of its own, so that it is not charged to who is measured.
void write_beside(const std::string& address, int changes) {
  const std::string program = program_beside("bench_discovery");
  const std::string count = std::to_string(changes);
  const pid_t writer = ::fork();
  if (writer == 0) {
    ::execl(program.c_str(), program.c_str(), "writer", address.c_str(), count.c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  if (::waitpid(writer, &status, 0) != writer || status != 0) give_up("the writer failed");
}

}  // namespace

void churn_writer(const std::string& address, int changes) {
  std::atomic<int> next{0};
  std::vector<std::jthread> writers;
  for (int i = 0; i < kWriters; ++i)
    writers.emplace_back([&] {
      Store store(address);
      for (int change = next++; change < changes; change = next++) {
        Instance one = instance(change % kInstances);
        one.weight = static_cast<std::uint32_t>(2 + change / kInstances);
        store.put(one);
      }
    });
}

void churn(int changes) {
  Store store;
  store.fill(kInstances);
  System system;
  Discovery discovery(system, {.registry = store.url()});
  Watcher watcher(discovery);
  watcher.wait_for_count(kInstances);
  const double cpu = cpu_seconds();
  const TimePoint begin = now();
  write_beside(store.address(), changes);
  const TimePoint written = now();
  store.put(instance(kInstances));
  const TimePoint end = watcher.wait_for_count(kInstances + 1);
  std::printf("{\"cpu_us\": %.2f, \"events_per_s\": %.0f, \"late_ms\": %.1f}\n",
              (cpu_seconds() - cpu) * 1e6 / changes,
              changes / std::chrono::duration<double>(end - begin).count(), ms(end - written));
}

}  // namespace brontes::bench
