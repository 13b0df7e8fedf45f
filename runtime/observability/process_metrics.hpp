// What every Prometheus client tells of its process, and the build of brontes.
#pragma once

#include <brontes/runtime/observability/metrics.hpp>
#include <vector>

namespace brontes {

/// process_cpu_seconds_total, process_open_fds and so on, from /proc; what cannot be read is left
/// out. Takes some ten microseconds. For Metrics::add_source. Thread-safe.
std::vector<MetricFamily> process_metrics();

}  // namespace brontes
