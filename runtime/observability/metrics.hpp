// What a process counts, by name: its own metrics and those of its application. The node shows them
// at /metrics of the admin port; the format is Prometheus' (docs/observability.md).
//
//   auto orders = node.metrics().counter("shop_orders_total", "Orders that were placed.");
//   ...
//   orders->add();  // from any thread
#pragma once

#include <brontes/actors/metrics.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace brontes {

using MetricLabels = std::map<std::string, std::string>;

enum class MetricType { kCounter, kGauge, kHistogram };

/// One line or, of a histogram, one group of lines.
struct MetricSample {
  MetricLabels labels;
  double value = 0;                   ///< counters and gauges
  std::vector<double> bounds;         ///< histograms, as in Histogram
  std::vector<std::uint64_t> counts;  ///< one more than bounds
  double sum = 0;
};

/// What is said under one name.
struct MetricFamily {
  std::string name, help;
  MetricType type = MetricType::kCounter;
  std::vector<MetricSample> samples;
};

/// Seconds, as the Prometheus clients have them: 5 ms to 10 s.
std::vector<double> default_latency_buckets();

/// The catalogue. Thread-safe; looking up and adding takes a lock, so keep what you get. Counting
/// does not come back here.
class Metrics {
 public:
  /// The same number again for the same name and labels. Names are [a-zA-Z_:][a-zA-Z0-9_:]*, labels
  /// the same without ":". What cannot be shown (such a name, or one that is taken by another type
  /// or other buckets) is said in the log, and counts for nobody.
  std::shared_ptr<Counter> counter(const std::string& name, const std::string& help,
                                   MetricLabels labels = {});
  std::shared_ptr<Gauge> gauge(const std::string& name, const std::string& help,
                               MetricLabels labels = {});
  std::shared_ptr<Histogram> histogram(const std::string& name, const std::string& help,
                                       MetricLabels labels = {},
                                       std::vector<double> bounds = default_latency_buckets());

  /// Asked at each scrape, in the turn of the collector: must not block, and what it reads must
  /// live until the node has stopped. Names must not be used twice.
  void add_source(std::function<std::vector<MetricFamily>()> source);

  /// Everything, now.
  std::vector<MetricFamily> collect() const;

 private:
  struct Entry {
    MetricLabels labels;
    std::shared_ptr<Counter> counter;
    std::shared_ptr<Gauge> gauge;
    std::shared_ptr<Histogram> histogram;
  };
  struct Family {
    std::string help;
    MetricType type;
    std::vector<Entry> entries;
  };
  template <class Cell>
  std::shared_ptr<Cell> add(const std::string& name, const std::string& help, MetricType type,
                            MetricLabels labels, std::shared_ptr<Cell> Entry::*slot,
                            std::shared_ptr<Cell> made);
  static MetricSample sample(const Entry& entry);

  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, Family> families_;
  std::vector<std::function<std::vector<MetricFamily>()>> sources_;
};

}  // namespace brontes
