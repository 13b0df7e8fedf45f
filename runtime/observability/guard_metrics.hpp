// Breakers and limits in the catalogue of metrics.
#pragma once

#include <brontes/actors/resilience/guard.hpp>
#include <brontes/runtime/observability/metrics.hpp>
#include <memory>
#include <vector>

namespace brontes {

/// What these guards have counted, for Metrics::add_source:
///
///   metrics.add_source([guards] { return guard_families(guards); });   // once per catalogue
///
/// brontes_guard_refused_total{guard,kind,reason}, brontes_guard_calls{guard,kind,where}
/// (in_flight, waiting), brontes_breaker_state{guard} (0 closed, 1 half open, 2 open, 3
/// throttling), brontes_breaker_late_answers_total{guard},
/// brontes_breaker_transitions_total{guard,to}. Guards per key are shown together.
std::vector<MetricFamily> guard_families(const std::vector<std::shared_ptr<Guard>>& guards);

}  // namespace brontes
