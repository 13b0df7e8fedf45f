#include <brontes/runtime/observability/guard_metrics.hpp>
#include <utility>

namespace brontes {
namespace {

void add(MetricFamily& family, MetricLabels labels, double value) {
  MetricSample sample;
  sample.labels = std::move(labels);
  sample.value = value;
  family.samples.push_back(std::move(sample));
}

}  // namespace

std::vector<MetricFamily> guard_families(const std::vector<std::shared_ptr<Guard>>& guards) {
  MetricFamily refused{
      "brontes_guard_refused_total", "Calls that a guard refused.", MetricType::kCounter, {}};
  MetricFamily calls{"brontes_guard_calls",
                     "Calls inside a guard, and those that wait for it.",
                     MetricType::kGauge,
                     {}};
  MetricFamily state{"brontes_breaker_state",
                     "0: closed, 1: half open, 2: open, 3: throttling.",
                     MetricType::kGauge,
                     {}};
  MetricFamily late{"brontes_breaker_late_answers_total",
                    "Answers of calls that were let in before the last change.",
                    MetricType::kCounter,
                    {}};
  MetricFamily turned{"brontes_breaker_transitions_total",
                      "Changes of a breaker, by new state.",
                      MetricType::kCounter,
                      {}};
  for (const auto& guard : guards) {
    const auto& name = guard->name();
    const auto numbers = guard->numbers();
    for (const auto& [why, count] : numbers.refused)
      add(refused, {{"guard", name}, {"kind", numbers.kind}, {"reason", why}},
          static_cast<double>(count));
    for (const auto& [to, count] : numbers.turned)
      add(turned, {{"guard", name}, {"to", to}}, static_cast<double>(count));
    for (const auto& [what, value] : numbers.now) {
      if (what == "state") add(state, {{"guard", name}}, value);
      if (what == "late_answers") add(late, {{"guard", name}}, value);
      if (what == "in_flight" || what == "waiting")
        add(calls, {{"guard", name}, {"kind", numbers.kind}, {"where", what}}, value);
    }
  }
  return {refused, calls, state, late, turned};
}

}  // namespace brontes
