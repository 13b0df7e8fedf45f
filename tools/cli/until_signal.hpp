// A command that runs until it is told to end: SIGTERM or Ctrl-C.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/runtime/signals.hpp>
#include <csignal>
#include <semaphore>

namespace brontes::cli {

/// From its construction on SIGTERM and SIGINT end the wait. One at a time per process.
class UntilSignal {
 public:
  void wait() { told_.acquire(); }
  /// Whether it was told in that time.
  bool wait_for(Duration limit) { return told_.try_acquire_for(limit); }

 private:
  std::counting_semaphore<> told_{0};
  SignalWatch watch_{{SIGTERM, SIGINT}, [this](int) { told_.release(); }};
};

}  // namespace brontes::cli
