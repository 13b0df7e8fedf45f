#include <algorithm>
#include <brontes/actors/log.hpp>
#include <brontes/runtime/observability/metrics.hpp>
#include <string_view>
#include <utility>

namespace brontes {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool is_name(std::string_view name, bool may_have_colons) {
  const auto fits = [&](char c) { return is_letter(c) || (may_have_colons && c == ':'); };
  return !name.empty() && fits(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
    return fits(c) || (c >= '0' && c <= '9');
  });
}

std::string_view fault_of(const std::string& name, const MetricLabels& labels) {
  if (!is_name(name, true)) return "that is no name of a metric";
  for (const auto& [label, value] : labels)
    if (!is_name(label, false) || label.starts_with("__") || label == "le")
      return "a label has a name that cannot be used";
  return {};
}

bool same_shape(const Histogram& a, const Histogram& b) { return a.bounds() == b.bounds(); }
template <class Cell>
bool same_shape(const Cell&, const Cell&) {
  return true;
}

}  // namespace

std::vector<double> default_latency_buckets() {
  return {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};
}

template <class Cell>
std::shared_ptr<Cell> Metrics::add(const std::string& name, const std::string& help,
                                   MetricType type, MetricLabels labels,
                                   std::shared_ptr<Cell> Entry::*slot, std::shared_ptr<Cell> made) {
  const auto refused = [&](std::string_view why) {
    log_error("runtime.metrics", "metric is not shown name=\"{}\" cause=\"{}\"", name, why);
    return made;
  };
  if (const auto fault = fault_of(name, labels); !fault.empty()) return refused(fault);
  const std::lock_guard lock(mutex_);
  auto& family = families_.try_emplace(name, Family{help, type, {}}).first->second;
  if (family.type != type) return refused("the name is taken by a metric of another type");
  for (const Entry& entry : family.entries) {
    if (!same_shape(*(entry.*slot), *made)) return refused("the name is taken with other buckets");
    if (entry.labels == labels) return entry.*slot;
  }
  Entry& entry = family.entries.emplace_back();
  entry.labels = std::move(labels);
  entry.*slot = made;
  return made;
}

std::shared_ptr<Counter> Metrics::counter(const std::string& name, const std::string& help,
                                          MetricLabels labels) {
  return add(name, help, MetricType::kCounter, std::move(labels), &Entry::counter,
             std::make_shared<Counter>());
}

std::shared_ptr<Gauge> Metrics::gauge(const std::string& name, const std::string& help,
                                      MetricLabels labels) {
  return add(name, help, MetricType::kGauge, std::move(labels), &Entry::gauge,
             std::make_shared<Gauge>());
}

std::shared_ptr<Histogram> Metrics::histogram(const std::string& name, const std::string& help,
                                              MetricLabels labels, std::vector<double> bounds) {
  return add(name, help, MetricType::kHistogram, std::move(labels), &Entry::histogram,
             std::make_shared<Histogram>(std::move(bounds)));
}

void Metrics::add_source(std::function<std::vector<MetricFamily>()> source) {
  const std::lock_guard lock(mutex_);
  sources_.push_back(std::move(source));
}

MetricSample Metrics::sample(const Entry& entry) {
  MetricSample sample;
  sample.labels = entry.labels;
  if (entry.counter) sample.value = static_cast<double>(entry.counter->value());
  if (entry.gauge) sample.value = entry.gauge->value();
  if (!entry.histogram) return sample;
  sample.bounds = entry.histogram->bounds();
  sample.counts = entry.histogram->counts();
  sample.sum = entry.histogram->sum();
  return sample;
}

std::vector<MetricFamily> Metrics::collect() const {
  std::vector<MetricFamily> all;
  std::vector<std::function<std::vector<MetricFamily>()>> sources;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, family] : families_) {
      auto& shown = all.emplace_back(MetricFamily{name, family.help, family.type, {}});
      for (const Entry& entry : family.entries) shown.samples.push_back(sample(entry));
    }
    sources = sources_;
  }
  for (const auto& source : sources)
    for (auto& family : source()) all.push_back(std::move(family));
  return all;
}

}  // namespace brontes
