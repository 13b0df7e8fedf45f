// A closed loop of unary calls on one connection.
#pragma once

#include <grpcpp/grpcpp.h>
#include <testing.grpc.pb.h>
#include <algorithm>
#include <atomic>
#include <brontes/actors/clock.hpp>
#include <cstdio>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace brontes::testing {

inline double micros(Duration duration) {
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

  /// `"calls_per_s":...,"p50_us":...,"p99_us":...,"errors":...`; after run().
  std::string numbers() {
    std::sort(latencies_.begin(), latencies_.end());
    const auto at = [this](double share) {
      const auto index = static_cast<std::size_t>(share * static_cast<double>(latencies_.size()));
      return micros(latencies_[std::min(index, latencies_.size() - 1)]);
    };
    char text[200];
    std::snprintf(text, sizeof text,
                  "\"calls_per_s\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"errors\":%d",
                  calls_ / (micros(took_) * 1e-6), at(0.5), at(0.99), errors());
    return text;
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
    const int index = measured_.fetch_add(1);
    latencies_[static_cast<std::size_t>(index)] = system_clock().now() - slot.begun;
    errors_ += ok ? 0 : 1;
    next(slot);
    // The last touch: run() returns when all calls have got here.
    if (done_.fetch_add(1) + 1 == calls_) ended_.set_value();
  }

  Echo::Stub& stub_;
  const int calls_;
  std::vector<Duration> latencies_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::atomic<int> begun_{0}, measured_{0}, done_{0}, errors_{0};
  std::promise<void> ended_;
  Duration took_{};
};

}  // namespace brontes::testing
