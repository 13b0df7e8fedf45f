// What a node tells of itself at /metrics, beside its calls.
#pragma once

#include <brontes/runtime/listener.hpp>
#include <brontes/runtime/observability/metrics.hpp>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace brontes::detail {

using MetricSource = std::function<std::vector<MetricFamily>()>;

/// brontes_connections_*. The function may outlive the listener.
MetricSource connection_metrics(std::function<ConnectionCounts()> counts);

/// brontes_mailbox_waiting of each service that is an actor. Thread-safe.
class MailboxMetrics {
 public:
  /// `waiting` may outlive the service.
  void add(const std::string& service, std::function<std::size_t()> waiting);
  std::vector<MetricFamily> families() const;

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, std::function<std::size_t()>> waiting_;
};

}  // namespace brontes::detail
