#include <array>
#include <brontes/actors/call/call.hpp>
#include <brontes/runtime/interceptors/call_metrics.hpp>
#include <string>
#include <utility>

namespace brontes {
namespace {

// As the Go client spells them, in the order of their numbers.
constexpr std::array<const char*, 17> kCodes = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

const char* type_of(Kind kind) {
  switch (kind) {
    case Kind::kUnary:
      return "unary";
    case Kind::kClientStream:
      return "client_stream";
    case Kind::kServerStream:
      return "server_stream";
    case Kind::kBidi:
      return "bidi_stream";
  }
  return "unknown";
}

// Where a method keeps which number.
enum Cell : std::size_t {
  kStarted,
  kReceived,
  kSent,
  kHandled,
  kBuckets = kHandled + kCodes.size()
};

}  // namespace

class CallMetrics::OfMethod final : public MessageInterceptor {
 public:
  OfMethod(const Method& method, const std::vector<double>& buckets)
      : labels_{{"grpc_type", type_of(method.kind)},
                {"grpc_service", std::string(method.service())},
                {"grpc_method", std::string(method.name())}},
        buckets_(buckets),
        cells_(kBuckets + buckets.size() + 2) {}

  const char* name() const override { return "metrics"; }
  Status on_headers(Call&) override {
    cells_.row().add(kStarted);
    return {};
  }
  Status on_received(Call&, const Message&) override {
    cells_.row().add(kReceived);
    return {};
  }
  void on_sent(const Call&, const Message&) noexcept override { cells_.row().add(kSent); }
  void on_done(const Call&, const Outcome& outcome) noexcept override {
    const auto row = cells_.row();
    const auto code = static_cast<std::size_t>(outcome.status.code());
    row.add(kHandled + std::min(code, kCodes.size() - 1));
    if (buckets_.empty()) return;
    const double seconds = std::chrono::duration<double>(outcome.latency).count();
    row.add(kBuckets + bucket_of(buckets_, seconds));
    row.add_real(kBuckets + buckets_.size() + 1, seconds);
  }

  MetricSample counted(Cell cell) const {
    MetricSample sample;
    sample.labels = labels_;
    sample.value = static_cast<double>(cells_.sum(cell));
    return sample;
  }
  MetricSample running() const {
    std::uint64_t ended = 0;  // read first: never more than have started
    for (std::size_t code = 0; code < kCodes.size(); ++code) ended += cells_.sum(kHandled + code);
    MetricSample sample;
    sample.labels = labels_;
    const std::uint64_t started = cells_.sum(kStarted);
    sample.value = static_cast<double>(started > ended ? started - ended : 0);
    return sample;
  }
  void add_handled(std::vector<MetricSample>& samples) const {
    for (std::size_t code = 0; code < kCodes.size(); ++code) {
      samples.push_back(counted(static_cast<Cell>(kHandled + code)));
      samples.back().labels["grpc_code"] = kCodes[code];
    }
  }
  MetricSample latency() const {
    MetricSample sample;
    sample.labels = labels_;
    sample.bounds = buckets_;
    for (std::size_t at = 0; at <= buckets_.size(); ++at)
      sample.counts.push_back(cells_.sum(kBuckets + at));
    sample.sum = cells_.sum_real(kBuckets + buckets_.size() + 1);
    return sample;
  }

 private:
  const MetricLabels labels_;
  const std::vector<double> buckets_;
  detail::ShardedCells cells_;
};

CallMetrics::CallMetrics(std::vector<double> buckets) : buckets_(std::move(buckets)) {}

CallMetrics::~CallMetrics() = default;

std::shared_ptr<Interceptor> CallMetrics::for_method(const Method& method,
                                                     std::shared_ptr<Interceptor>) {
  const std::lock_guard lock(mutex_);
  return methods_.emplace_back(std::make_shared<OfMethod>(method, buckets_));
}

std::vector<MetricFamily> CallMetrics::families() const {
  using Type = MetricType;
  MetricFamily started{"grpc_server_started_total",
                       "Total number of RPCs started on the server.",
                       Type::kCounter,
                       {}};
  MetricFamily handled{
      "grpc_server_handled_total",
      "Total number of RPCs completed on the server, regardless of success or failure.",
      Type::kCounter,
      {}};
  MetricFamily received{"grpc_server_msg_received_total",
                        "Total number of RPC stream messages received on the server.",
                        Type::kCounter,
                        {}};
  MetricFamily sent{"grpc_server_msg_sent_total",
                    "Total number of gRPC stream messages sent by the server.",
                    Type::kCounter,
                    {}};
  MetricFamily latency{"grpc_server_handling_seconds",
                       "Histogram of response latency (seconds) of gRPC that had been "
                       "application-level handled by the server.",
                       Type::kHistogram,
                       {}};
  MetricFamily running{"brontes_calls_running", "Calls that have not ended.", Type::kGauge, {}};
  const std::lock_guard lock(mutex_);
  for (const auto& method : methods_) {
    running.samples.push_back(method->running());
    started.samples.push_back(method->counted(kStarted));
    method->add_handled(handled.samples);
    received.samples.push_back(method->counted(kReceived));
    sent.samples.push_back(method->counted(kSent));
    if (!buckets_.empty()) latency.samples.push_back(method->latency());
  }
  std::vector<MetricFamily> all = {std::move(started), std::move(handled), std::move(received),
                                   std::move(sent), std::move(running)};
  if (!buckets_.empty()) all.push_back(std::move(latency));
  return all;
}

}  // namespace brontes
