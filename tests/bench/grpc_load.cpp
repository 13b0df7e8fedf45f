// A closed loop of unary calls on one connection, for the servers of grpc_servers.cpp:
//
//   grpc_load HOST:PORT [CALLS [OUTSTANDING [WARM_UP]]]
//
// Prints {"calls":...,"outstanding":...,"calls_per_s":...,"p50_us":...,"p99_us":...,"errors":...}.
#include <absl/synchronization/mutex.h>
#include <grpcpp/grpcpp.h>
#include <testing.grpc.pb.h>
#include <algorithm>
#include <atomic>
#include <brontes/actors/clock.hpp>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace brontes::testing {
namespace {

double micros(Duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

/// Makes `calls` calls, so many at a time.
class Load {
 public:
  Load(Echo::Stub& stub, int calls, int outstanding)
      : stub_(stub), calls_(calls), latencies_(static_cast<std::size_t>(calls)) {
    for (int i = 0; i < outstanding; ++i) slots_.push_back(std::make_unique<Slot>());
  }

  void run() {
    const TimePoint begun = system_clock().now();
    for (auto& slot : slots_) next(*slot);
    ended_.get_future().wait();
    took_ = system_clock().now() - begun;
  }

  void print(std::size_t outstanding) {
    std::sort(latencies_.begin(), latencies_.end());
    const auto at = [this](double share) {
      const auto index = static_cast<std::size_t>(share * static_cast<double>(latencies_.size()));
      return micros(latencies_[std::min(index, latencies_.size() - 1)]);
    };
    std::printf(
        "{\"calls\":%d,\"outstanding\":%zu,\"calls_per_s\":%.0f,\"p50_us\":%.1f,"
        "\"p99_us\":%.1f,\"errors\":%d}\n",
        calls_, outstanding, calls_ / (micros(took_) * 1e-6), at(0.5), at(0.99), errors_.load());
  }
  int errors() const { return errors_; }

 private:
  struct Slot {
    std::unique_ptr<grpc::ClientContext> context;
    Ask ask;
    Answer answer;
    TimePoint begun;
  };

  void next(Slot& slot) {
    if (begun_.fetch_add(1) >= calls_) return;
    slot.context = std::make_unique<grpc::ClientContext>();
    slot.ask.set_name("world");
    slot.begun = system_clock().now();
    stub_.async()->Say(slot.context.get(), &slot.ask, &slot.answer,
                       [this, &slot](const grpc::Status& status) { done(slot, status.ok()); });
  }

  void done(Slot& slot, bool ok) {
    const int index = done_.fetch_add(1);
    latencies_[static_cast<std::size_t>(index)] = system_clock().now() - slot.begun;
    errors_ += ok ? 0 : 1;
    if (index + 1 == calls_) return ended_.set_value();
    next(slot);
  }

  Echo::Stub& stub_;
  const int calls_;
  std::vector<Duration> latencies_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::atomic<int> begun_{0}, done_{0}, errors_{0};
  std::promise<void> ended_;
  Duration took_{};
};

}  // namespace
}  // namespace brontes::testing

int main(int argc, char** argv) {
  using namespace brontes::testing;
  if (argc < 2) {
    std::fprintf(stderr, "usage: grpc_load HOST:PORT [CALLS [OUTSTANDING [WARM_UP]]]\n");
    return 2;
  }
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const auto number = [&](int index, int otherwise) {
    return argc > index ? std::max(1, std::atoi(argv[index])) : otherwise;
  };
  const int calls = number(2, 20'000), outstanding = number(3, 64), warm_up = number(4, 2'000);
  const auto channel = grpc::CreateChannel(argv[1], grpc::InsecureChannelCredentials());
  const auto stub = Echo::NewStub(channel);
  Load warming(*stub, warm_up, outstanding);
  warming.run();
  Load load(*stub, calls, outstanding);
  load.run();
  load.print(static_cast<std::size_t>(outstanding));
  return load.errors() == 0 ? 0 : 1;
}
