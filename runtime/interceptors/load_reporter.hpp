// Tells callers how busy this process is, with every answer.
#pragma once

#include <brontes/actors/call/interceptor.hpp>
#include <functional>

namespace brontes {

/// Adds the trailer `brontes-load-bin` (discovery/balancing/load_report.hpp) to every call:
/// channels with `policy: load` send less to who is busy. Some hundred nanoseconds a call.
/// Outermost but for metrics, so that refused calls tell it, too.
class LoadReporter final : public Interceptor {
 public:
  /// `cpu`: used share of what the process may use, 0 to 1; called on any thread.
  explicit LoadReporter(std::function<double()> cpu) : cpu_(std::move(cpu)) {}
  const char* name() const override { return "load_reporter"; }
  Status on_headers(Call& call) override;

 private:
  const std::function<double()> cpu_;
};

}  // namespace brontes
