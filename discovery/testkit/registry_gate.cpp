#include <brontes/discovery/testkit/registry_gate.hpp>
#include <type_traits>

namespace brontes {
namespace {

constexpr Duration kForever = std::chrono::hours(24);
constexpr std::chrono::seconds kLyingTtl{6};

}  // namespace

RegistryGateActor::RegistryGateActor(caf::actor_config& config, Registry behind,
                                     std::shared_ptr<GateTraffic> traffic)
    : RegistryGate::base(config), behind_(std::move(behind)), traffic_(std::move(traffic)) {}

RegistryGateActor::behavior_type RegistryGateActor::make_behavior() {
  return {
      [this](const GrantLease& wish) { return pass<LeaseGranted>(wish, traffic_->grants); },
      [this](const PutRecord& wish) { return pass<RecordPut>(wish, traffic_->puts); },
      [this](const RenewLease& wish) { return renew(wish); },
      [this](const RevokeLease& wish) { return pass<void>(wish, traffic_->puts); },
      [this](const RemoveRecord& wish) { return pass<void>(wish, traffic_->puts); },
      [this](const ListRecords& wish) { return pass<RecordsListed>(wish, traffic_->lists); },
      [this](const WatchRecords& wish) { return start_watch(wish); },
      [this](const StopWatch& wish) { stop_watch(wish); },
      [this](const RecordsChanged& changed) { told(changed); },
      [this](const WatchBroken& broken) { told(broken); },
      [this](const WatchProgress& progress) { told(progress); },
      [this](const GateRules& rules) { set(rules); },
      [this](GateProgress progress) {
        for (const auto& [id, watcher] : watches_)
          brontes::send(this, watcher, WatchProgress{id, progress.revision});
      },
      [this](GateDue due) {
        if (auto node = late_.extract(due.number)) node.mapped()();
      },
  };
}

void RegistryGateActor::on_exit() {
  behind_ = Registry();
  watches_.clear();
  late_.clear();
  last_.clear();
}

void RegistryGateActor::later(Duration delay, std::function<void()> f) {
  if (delay <= Duration{}) return f();
  late_.emplace(++last_number_, std::move(f));
  send_after(this, caf::actor_cast<RegistryGate>(this), delay, GateDue{last_number_});
}

template <class Reply, class M>
caf::result<Reply> RegistryGateActor::pass(const M& wish, int& count, Duration wait) {
  ++count;
  traffic_->questions.push_back(brontes::now(this));
  if (rules_.refuse) return to_error({Errc::kUnavailable, "connection refused"});
  auto promise = make_response_promise<caf::response_promise>();
  int& losses = std::is_same_v<M, WatchRecords> ? rules_.lost_starts : rules_.lost_answers;
  const bool lost = losses > 0 && losses-- > 0;
  const auto deliver = [this, promise, lost](auto what) {
    if (!lost) later(rules_.delay, [promise, what]() mutable { promise.deliver(std::move(what)); });
  };
  later(wait, [this, wish, deliver] {
    const auto failed = [deliver](const caf::error& error) { deliver(error); };
    if constexpr (std::is_void_v<Reply>)
      ask(this, behind_, kForever, wish).then([deliver] { deliver(caf::unit); }, failed);
    else
      ask(this, behind_, kForever, wish)
          .then([deliver](const Reply& reply) { deliver(reply); }, failed);
  });
  return promise;
}

caf::result<LeaseRenewed> RegistryGateActor::renew(const RenewLease& wish) {
  if (rules_.lying_renewals) return LeaseRenewed{wish.lease, kLyingTtl};
  return pass<LeaseRenewed>(wish, traffic_->renewals);
}

caf::result<WatchStarted> RegistryGateActor::start_watch(const WatchRecords& wish) {
  if (!rules_.refuse) watches_[wish.watch] = wish.watcher;
  const WatchRecords ours{wish.watch, wish.query, wish.after_revision,
                          caf::actor_cast<Watcher>(this)};
  return pass<WatchStarted>(ours, traffic_->watches, rules_.before_watch);
}

void RegistryGateActor::stop_watch(const StopWatch& wish) {
  watches_.erase(wish.watch);
  last_.erase(wish.watch);
  brontes::send(this, behind_, StopWatch{wish.watch, caf::actor_cast<Watcher>(this)});
}

template <class M>
void RegistryGateActor::told(const M& message) {
  later(rules_.delay, [this, message] {
    const auto found = watches_.find(message.watch);
    if (found == watches_.end()) return;
    brontes::send(this, found->second, message);
    if constexpr (std::is_same_v<M, RecordsChanged>) {
      if (rules_.stale_echo && last_.contains(message.watch))
        brontes::send(this, found->second, last_[message.watch]);
      last_[message.watch] = message;
    }
    if (std::is_same_v<M, WatchBroken>) watches_.erase(found);
  });
}

void RegistryGateActor::set(const GateRules& rules) {
  rules_ = rules;
  if (!rules.refuse) return;
  for (const auto& [id, watcher] : std::exchange(watches_, {})) {
    brontes::send(this, watcher, WatchBroken{id, {Errc::kUnavailable, "connection reset"}});
    brontes::send(this, behind_, StopWatch{id, caf::actor_cast<Watcher>(this)});
  }
}

}  // namespace brontes
