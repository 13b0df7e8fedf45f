// Counts and times every call, under the names and labels of the gRPC ecosystem.
#pragma once

#include <brontes/actors/call/interceptor.hpp>
#include <brontes/runtime/observability/metrics.hpp>
#include <memory>
#include <mutex>
#include <vector>

namespace brontes {

/// grpc_server_started_total, grpc_server_handled_total, grpc_server_msg_received_total,
/// grpc_server_msg_sent_total and the histogram grpc_server_handling_seconds, for calls of every
/// door; see docs/observability.md. The series of a method are there, at zero, from the moment the
/// table knows it, so no path that a caller makes up can add one. Outermost: what others refuse
/// counts too. No lock, no look-up; what a call costs is measured by bench_metrics.
class CallMetrics final : public Interceptor {
 public:
  /// Upper bounds in seconds, ascending; none: no histogram.
  explicit CallMetrics(std::vector<double> buckets = default_latency_buckets());
  ~CallMetrics() override;
  const char* name() const override { return "metrics"; }
  std::shared_ptr<Interceptor> for_method(const Method& method,
                                          std::shared_ptr<Interceptor> self) override;

  /// All series, now. For Metrics::add_source. Thread-safe.
  std::vector<MetricFamily> families() const;

 private:
  class OfMethod;

  const std::vector<double> buckets_;
  mutable std::mutex mutex_;  // guards what follows
  std::vector<std::shared_ptr<OfMethod>> methods_;
};

}  // namespace brontes
