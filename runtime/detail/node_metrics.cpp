#include <brontes/runtime/detail/node_metrics.hpp>
#include <utility>

namespace brontes::detail {
namespace {

MetricFamily family(std::string name, std::string help, MetricType type,
                    std::vector<std::pair<MetricLabels, double>> values) {
  MetricFamily made{std::move(name), std::move(help), type, {}};
  for (auto& [labels, value] : values) {
    auto& sample = made.samples.emplace_back();
    sample.labels = std::move(labels);
    sample.value = value;
  }
  return made;
}

}  // namespace

MetricSource connection_metrics(std::function<ConnectionCounts()> counts) {
  return [counts = std::move(counts)] {
    const ConnectionCounts now = counts();
    const auto real = [](auto number) { return static_cast<double>(number); };
    return std::vector<MetricFamily>{
        family("brontes_connections_open", "Connections that are open now.", MetricType::kGauge,
               {{{}, real(now.open)}}),
        family("brontes_connections_accepted_total", "Connections that were accepted.",
               MetricType::kCounter, {{{}, real(now.accepted)}}),
        family("brontes_connections_handed_over_total",
               "Connections that a door took, by what they speak.", MetricType::kCounter,
               {{{{"door", "grpc"}}, real(now.grpc)}, {{{"door", "http"}}, real(now.http)}}),
        family("brontes_connections_closed_total",
               "Connections that no door took, by the reason why.", MetricType::kCounter,
               {{{{"reason", "limit"}}, real(now.refused)},
                {{{"reason", "silent"}}, real(now.timed_out)},
                {{{"reason", "unwanted"}}, real(now.unwanted)}})};
  };
}

void MailboxMetrics::add(const std::string& service, std::function<std::size_t()> waiting) {
  const std::lock_guard lock(mutex_);
  waiting_[service] = std::move(waiting);
}

std::vector<MetricFamily> MailboxMetrics::families() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<MetricLabels, double>> values;
  for (const auto& [service, waiting] : waiting_)
    values.push_back({{{"grpc_service", service}}, static_cast<double>(waiting())});
  return {family("brontes_mailbox_waiting", "Calls that wait for an actor of the service.",
                 MetricType::kGauge, std::move(values))};
}

}  // namespace brontes::detail
