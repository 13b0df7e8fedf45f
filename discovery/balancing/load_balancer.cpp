#include <algorithm>
#include <brontes/actors/log.hpp>
#include <brontes/actors/plumbing.hpp>
#include <brontes/discovery/balancing/detail/balancer_parts.hpp>
#include <brontes/discovery/balancing/detail/endpoint_weights.hpp>
#include <brontes/discovery/balancing/detail/judge.hpp>
#include <brontes/discovery/balancing/detail/waiting_calls.hpp>
#include <brontes/discovery/balancing/load_balancer.hpp>

namespace brontes {
namespace {

constexpr auto kBalancerName = detail::kLoadBalancerName;
constexpr Duration kSweep = std::chrono::seconds(1);
constexpr Duration kSubscribeTimeout = std::chrono::seconds(5);
constexpr Duration kLongestNap = std::chrono::seconds(1);

class Balancing {
 public:
  Balancing(LoadBalancer::pointer self, LoadBalancerOptions options)
      : self_(self),
        options_(std::move(options)),
        endpoints_(detail::endpoint_options(options_, self_)),
        weights_({options_.slow_start, options_.policy->weighs_load()}),
        health_(detail::health_options(options_, self_)),
        outliers_(detail::outlier_options(options_)),
        waiting_(options_.max_waiting_calls) {}

  LoadBalancer::behavior_type start() {
    if (options_.resolver) subscribe();
    options_.load->set_alarm([self = LoadBalancer(self_)] { tell(self, LookAtFailures{}); });
    return {
        [this](SnapshotReady& ready) { learn(ready); },
        [this](ConnectivityChanged& change) { note(change); },
        [this](AwaitEndpoint& wait) { park(wait); },
        [this](PublishPicker) { publish(); },
        [this](WakeUp) { wake(); },
        [this](CloseRetired) { sweep(); },
        [this](LookAtFailures) { look_at_failures(); },
        [this](LookAround) { look_around(); },
        [this](SubscribeAgain) { subscribe(); },
        [this](HealthReported& report) { note_health(report); },
        [this](LeaveIdle) { leave_idle(); },
    };
  }

  void end() {
    // Connections hold this actor through their callbacks, and calls may hold the picker.
    options_.load->set_alarm(nullptr);
    health_.clear();
    if (options_.verdicts) options_.verdicts->set({});
    endpoints_.clear();
    options_.transport = nullptr;
    options_.resolver = nullptr;
    options_.picker->publish(
        std::make_shared<EmptyPicker>("call " + options_.service + ": the channel was closed"));
    for (auto& wait : waiting_.take_all())
      wait.waiter->give_up({Errc::kUnavailable, options_.picker->get()->complaint()});
  }

 private:
  void subscribe() {
    ask(self_, options_.resolver, kSubscribeTimeout,
        Subscribe{options_.registry, options_.query, LoadBalancer(self_)})
        .then([](const Subscribed&) {},
              [this](const caf::error& error) {
                trouble_ = to_status(error).to_string();
                log_warn(kBalancerName, "subscribe failed service={} registry={} error=\"{}\"",
                         options_.service, options_.registry, trouble_);
                changed();
                send_after(self_, LoadBalancer(self_), kSweep, SubscribeAgain{});
              });
  }

  void learn(const SnapshotReady& ready) {
    const auto event = ready.take();
    if (!event) return;
    snapshot_ = event->snapshot;
    trouble_ = snapshot_->status == SnapshotStatus::kStale ? snapshot_->cause.to_string() : "";
    log_debug(kBalancerName, "snapshot service={} revision={} instances={} trouble=\"{}\"",
              options_.service, snapshot_->revision, snapshot_->instances.size(), trouble_);
    if (snapshot_->status == SnapshotStatus::kPending) return changed();
    endpoints_.apply(*snapshot_, now(self_));
    if (endpoints_.has_retired()) sweep_later();
    changed();
  }

  void note(const ConnectivityChanged& change) {
    const auto endpoint = change.endpoint.lock();
    if (!endpoint) return;
    log_debug(kBalancerName, "connectivity service={} address={} state={}", options_.service,
              endpoint->address(), to_string(change.state));
    if (!endpoints_.connectivity_changed(endpoint, change.state, now(self_))) return;
    if (change.state == Connectivity::kReady) {
      outliers_.forgive(endpoint);
      endpoint->shared_stats()->retry_tokens().refill();
    }
    health_.connectivity_changed(endpoint, change.state);
    changed();
  }

  void note_health(const HealthReported& report) {
    const auto endpoint = report.endpoint.lock();
    if (endpoint && health_.note(endpoint, report.watch, report.health, now(self_))) {
      log_info(kBalancerName, "health service={} address={} serving={}", options_.service,
               endpoint->address(), health_.is_serving(*endpoint));
      changed();
    }
    wake_later();
  }

  bool is_idle() const {
    return waiting_.size() == 0 && options_.load->in_flight() == 0 &&
           now(self_) - options_.load->recent() >= options_.idle_after;
  }

  void leave_idle() {
    if (!endpoints_.is_resting()) return;
    endpoints_.wake(now(self_));
    changed();
  }

  // Bursts of changes queue up before the message to self; what trickles in waits for the gap.
  void changed() {
    if (publishing_) return;
    publishing_ = true;
    const Duration gap = options_.publish_gap * endpoints_.size();
    const Duration left = published_at_ + gap - now(self_);
    if (gap < std::chrono::milliseconds(1) || left <= Duration::zero())
      send(self_, LoadBalancer(self_), PublishPicker{});
    else
      send_after(self_, LoadBalancer(self_), left, PublishPicker{});
  }

  void publish() {
    publishing_ = false;
    published_at_ = now(self_);
    auto candidates = pickable();
    weights_.weigh(candidates, now(self_));
    ready_ = !candidates.empty();
    auto verdicts =
        options_.verdicts ? judge(endpoints_, outliers_, health_, candidates) : EndpointVerdicts();
    if (ready_)
      options_.picker->publish(options_.policy->make_picker(std::move(candidates)));
    else
      options_.picker->publish(
          std::make_shared<EmptyPicker>(complaint(), endpoints_.hopefuls(EmptyPicker::kHopefuls),
                                        endpoints_.has_hope(), wanted()));
    if (options_.verdicts) options_.verdicts->set(std::move(verdicts));
    if (options_.on_published) options_.on_published(*options_.picker->get());
    wake();
    look_around_later();
  }

  std::function<void()> wanted() const {
    if (!endpoints_.is_resting()) return nullptr;
    return [self = LoadBalancer(self_)] { tell(self, LeaveIdle{}); };
  }

  std::vector<Candidate> pickable() {
    auto ready = endpoints_.candidates();
    const auto is_out = [this](const Candidate& each) {
      return outliers_.is_ejected(*each.endpoint) || !health_.is_serving(*each.endpoint);
    };
    std::size_t out = 0;
    if (outliers_.ejected() > 0 || health_.not_serving() > 0)
      out = static_cast<std::size_t>(std::count_if(ready.begin(), ready.end(), is_out));
    const std::size_t fit = ready.size() - out;
    const bool panic = fit == 0 || 2 * fit < endpoints_.wanted();
    options_.load->set_strained(panic || 10 * out > ready.size());
    if (!panic && out > 0) std::erase_if(ready, is_out);
    return ready;
  }

  void look_at_failures() {
    if (outliers_.look(endpoints_.candidates(), now(self_))) changed();
  }

  void look_around() {
    looking_ = false;
    if (ready_ && is_idle()) {
      log_info(kBalancerName, "idle service={} next=\"connect at the next call\"",
               options_.service);
      endpoints_.rest();
      health_.end_watches();
      return changed();
    }
    if (outliers_.sweep(endpoints_.candidates(), now(self_)) || weights_.changing()) changed();
    look_around_later();
  }

  void look_around_later() {
    if (!ready_ || std::exchange(looking_, true)) return;
    send_after(self_, LoadBalancer(self_), EndpointWeights::kStep, LookAround{});
  }

  std::string complaint() const {
    std::string text = "call " + options_.service;
    text += options_.registry.empty() ? ": " : " (registry " + options_.registry + "): ";
    if (!snapshot_ || snapshot_->status == SnapshotStatus::kPending)
      text += kPendingComplaint;
    else
      text += "none is ready of " + endpoints_.describe();
    if (!trouble_.empty()) text += "; the registry: " + trouble_;
    return text;
  }

  void park(const AwaitEndpoint& wait) {
    if (wait.waiter->abandoned()) return;
    leave_idle();
    if (ready_ && wait.not_before <= now(self_)) return wait.waiter->resume();
    if (!waiting_.add({wait.waiter, wait.not_before, wait.deadline}))
      return wait.waiter->give_up(
          {Errc::kResourceExhausted, "call " + options_.service + ": " +
                                         std::to_string(waiting_.size()) +
                                         " calls wait for an endpoint already"});
    wake_later();
  }

  void wake() {
    const TimePoint time = now(self_);
    if (time >= wake_at_) wake_at_ = TimePoint::max();
    endpoints_.connect_some(time);
    health_.watch_again(time);
    for (auto& wait : waiting_.take_due(time, ready_)) wait.waiter->resume();
    for (auto& wait : waiting_.take_expired(time))
      wait.waiter->give_up({Errc::kUnavailable, complaint() + "; waited until the deadline"});
    wake_later();
  }

  void wake_later() {
    const TimePoint time = now(self_);
    const TimePoint due = std::min(endpoints_.connects_at(time), health_.next());
    if (waiting_.size() == 0 && due == TimePoint::max()) return;
    // Short naps: a pending tick keeps what is left of this actor in memory.
    const TimePoint next = std::min({due, waiting_.next(time, ready_), time + kLongestNap});
    if (next >= wake_at_) return;
    wake_at_ = next;
    send_after(self_, LoadBalancer(self_), std::max(next - time, Duration::zero()), WakeUp{});
  }

  void sweep() {
    sweeping_ = false;
    endpoints_.close_retired(now(self_));
    health_.prune();
    wake_later();
    if (endpoints_.has_retired()) sweep_later();
  }

  void sweep_later() {
    if (std::exchange(sweeping_, true)) return;
    send_after(self_, LoadBalancer(self_), kSweep, CloseRetired{});
  }

  const LoadBalancer::pointer self_;
  LoadBalancerOptions options_;
  EndpointSet endpoints_;
  EndpointWeights weights_;
  HealthLayer health_;
  OutlierDetector outliers_;
  WaitingCalls waiting_;
  SnapshotPtr snapshot_;                  // the newest; null until the first
  std::string trouble_;                   // what is wrong with the registry, or ""
  bool ready_ = false;                    // the published picker picks
  bool publishing_ = false;               // a PublishPicker is on its way
  bool looking_ = false;                  // a LookAround is on its way
  bool sweeping_ = false;                 // a CloseRetired is on its way
  TimePoint published_at_{};              // the last picker
  TimePoint wake_at_ = TimePoint::max();  // of the earliest WakeUp on its way
};

class LoadBalancerActor : public LoadBalancer::base {
 public:
  LoadBalancerActor(caf::actor_config& config, LoadBalancerOptions options)
      : LoadBalancer::base(config), state_(this, std::move(options)) {}
  const char* name() const override { return kBalancerName; }
  LoadBalancer::behavior_type make_behavior() override { return state_.start(); }
  void on_exit() override { state_.end(); }

 private:
  Balancing state_;
};

}  // namespace

LoadBalancer spawn_load_balancer(System& system, LoadBalancerOptions options) {
  if (!options.load) options.load = std::make_shared<ChannelLoad>(system.clock());
  return spawn_plumbing<LoadBalancerActor>(system, kBalancerName, std::move(options));
}

}  // namespace brontes
