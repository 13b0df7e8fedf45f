// The actor that owns what Prometheus is shown.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/runtime/observability/metrics.hpp>
#include <memory>
#include <string>

namespace brontes {

/// Thread-safe. The system outlives it.
class MetricsCollector {
 public:
  MetricsCollector(System& system, std::shared_ptr<const Metrics> metrics);
  /// Ends the actor; does not wait.
  ~MetricsCollector();
  MetricsCollector(const MetricsCollector&) = delete;
  MetricsCollector& operator=(const MetricsCollector&) = delete;

  /// The text exposition format, version 0.0.4. Blocks until the actor has had its turn, for
  /// `patience` at most: kDeadlineExceeded then. Not from an actor.
  Expected<std::string> scrape(Duration patience) const;

  /// OK when an actor answers within `patience`: the pool is alive. Blocks.
  Status ping(Duration patience) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace brontes
