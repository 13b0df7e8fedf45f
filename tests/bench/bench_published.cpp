// What reading a published snapshot costs, beside the usual ways to share one.
#include <benchmark/benchmark.h>
#include <brontes/actors/published.hpp>

#include <memory>
#include <mutex>
#include <shared_mutex>

namespace {

struct Picker {
  std::uint64_t next = 1;
};

void published(benchmark::State& state) {
  static brontes::Published<Picker> snapshot;
  for (auto _ : state)
    benchmark::DoNotOptimize(snapshot.read([](const Picker& picker) { return picker.next; }));
}

// The threads read while the first one publishes, every thousandth time.
void published_while_it_changes(benchmark::State& state) {
  static brontes::Published<Picker> snapshot;
  std::uint64_t turn = 0;
  for (auto _ : state) {
    if (state.thread_index() == 0 && ++turn % 1000 == 0)
      snapshot.publish(std::make_shared<const Picker>());
    benchmark::DoNotOptimize(snapshot.read([](const Picker& picker) { return picker.next; }));
  }
}

void publish(benchmark::State& state) {
  static brontes::Published<Picker> snapshot;
  for (auto _ : state) {
    snapshot.publish(std::make_shared<const Picker>());
    benchmark::DoNotOptimize(snapshot.read([](const Picker& picker) { return picker.next; }));
  }
}

void atomic_shared_ptr(benchmark::State& state) {
  static std::shared_ptr<const Picker> snapshot = std::make_shared<const Picker>();
  for (auto _ : state) benchmark::DoNotOptimize(std::atomic_load(&snapshot)->next);
}

void mutex_and_share(benchmark::State& state) {
  static std::mutex mutex;
  static std::shared_ptr<const Picker> snapshot = std::make_shared<const Picker>();
  for (auto _ : state) {
    std::unique_lock lock(mutex);
    const auto share = snapshot;
    lock.unlock();
    benchmark::DoNotOptimize(share->next);
  }
}

void shared_mutex(benchmark::State& state) {
  static std::shared_mutex mutex;
  static std::shared_ptr<const Picker> snapshot = std::make_shared<const Picker>();
  for (auto _ : state) {
    const std::shared_lock lock(mutex);
    benchmark::DoNotOptimize(snapshot->next);
  }
}

BENCHMARK(published)->Threads(1)->Threads(2);
BENCHMARK(published_while_it_changes)->Threads(2);
BENCHMARK(publish);
BENCHMARK(atomic_shared_ptr)->Threads(1)->Threads(2);
BENCHMARK(mutex_and_share)->Threads(1)->Threads(2);
BENCHMARK(shared_mutex)->Threads(1)->Threads(2);

}  // namespace

BENCHMARK_MAIN();
