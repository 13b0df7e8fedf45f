#include <prometheus/text_serializer.h>

#include <brontes/actors/plumbing.hpp>
#include <brontes/runtime/observability/metrics_collector.hpp>
#include <functional>
#include <future>
#include <utility>

namespace brontes {

namespace detail {

/// Answered by a call of `done` in the collector's turn.
struct Scrape {
  std::function<void(std::string)> done;
};
struct Ping {
  std::function<void()> done;
};

}  // namespace detail

}  // namespace brontes

BRONTES_MESSAGE(brontes::detail::Scrape)
BRONTES_MESSAGE(brontes::detail::Ping)

namespace brontes {
namespace {

using CollectorActor = Interface<void(detail::Scrape), void(detail::Ping)>;

prometheus::MetricType type_of(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return prometheus::MetricType::Counter;
    case MetricType::kGauge:
      return prometheus::MetricType::Gauge;
    case MetricType::kHistogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

void fill_histogram(const MetricSample& sample, prometheus::ClientMetric::Histogram& out) {
  for (std::size_t at = 0; at < sample.counts.size(); ++at) {
    out.sample_count += sample.counts[at];
    if (at < sample.bounds.size()) out.bucket.push_back({out.sample_count, sample.bounds[at]});
  }
  out.sample_sum = sample.sum;
}

prometheus::ClientMetric metric_of(const MetricSample& sample, MetricType type) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
  if (type == MetricType::kCounter) metric.counter.value = sample.value;
  if (type == MetricType::kGauge) metric.gauge.value = sample.value;
  if (type == MetricType::kHistogram) fill_histogram(sample, metric.histogram);
  return metric;
}

std::string text_of(const std::vector<MetricFamily>& families) {
  std::vector<prometheus::MetricFamily> shown;
  for (const auto& family : families) {
    auto& out = shown.emplace_back();
    out.name = family.name;
    out.help = family.help;
    out.type = type_of(family.type);
    for (const auto& sample : family.samples) out.metric.push_back(metric_of(sample, family.type));
  }
  return prometheus::TextSerializer().Serialize(shown);
}

class Collector : public CollectorActor::base {
 public:
  Collector(caf::actor_config& config, std::shared_ptr<const Metrics> metrics)
      : CollectorActor::base(config), metrics_(std::move(metrics)) {}

 protected:
  behavior_type make_behavior() override {
    return {[this](const detail::Scrape& scrape) { scrape.done(text_of(metrics_->collect())); },
            [](const detail::Ping& ping) { ping.done(); }};
  }

 private:
  const std::shared_ptr<const Metrics> metrics_;
};

Status no_answer(const char* what) {
  return {Errc::kDeadlineExceeded,
          std::string(what) + ": no actor had its turn in time; a handler may block the pool"};
}

}  // namespace

struct MetricsCollector::State {
  CollectorActor actor;
};

MetricsCollector::MetricsCollector(System& system, std::shared_ptr<const Metrics> metrics)
    : state_(std::make_unique<State>(State{
          spawn_plumbing<Collector>(system, "runtime.metrics_collector", std::move(metrics))})) {}

MetricsCollector::~MetricsCollector() { stop(state_->actor); }

Expected<std::string> MetricsCollector::scrape(Duration patience) const {
  const auto text = std::make_shared<std::promise<std::string>>();
  auto answer = text->get_future();
  tell(state_->actor, detail::Scrape{[text](std::string all) { text->set_value(std::move(all)); }});
  if (answer.wait_for(patience) != std::future_status::ready) return fail(no_answer("scrape"));
  return answer.get();
}

Status MetricsCollector::ping(Duration patience) const {
  const auto seen = std::make_shared<std::promise<void>>();
  const auto answer = seen->get_future();
  tell(state_->actor, detail::Ping{[seen] { seen->set_value(); }});
  return answer.wait_for(patience) == std::future_status::ready ? Status() : no_answer("ping");
}

}  // namespace brontes
