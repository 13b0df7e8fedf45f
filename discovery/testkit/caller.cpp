#include <algorithm>
#include <brontes/discovery/discovery_actors.hpp>
#include <brontes/discovery/testkit/caller.hpp>
#include <brontes/discovery/testkit/detail/peer_link.hpp>
#include <brontes/discovery/testkit/registry_gate.hpp>
#include <cmath>
#include <optional>
#include <utility>

namespace brontes {
namespace {

struct CallRecord {
  TimePoint began;
  TimePoint ended = TimePoint::max();
  Errc code = Errc::kOk;
};

Duration quantile(const std::vector<Duration>& sorted, std::size_t percent) {
  return sorted.empty() ? Duration{} : sorted[(sorted.size() - 1) * percent / 100];
}

const char* to_text(SnapshotStatus status) {
  switch (status) {
    case SnapshotStatus::kPending:
      return "pending";
    case SnapshotStatus::kLive:
      return "live";
    case SnapshotStatus::kStale:
      return "stale";
  }
  return "";
}

}  // namespace

struct Caller::State : std::enable_shared_from_this<Caller::State> {
  State(detail::WorldCore& core_, std::string name_, CallerOptions options_)
      : core(core_),
        name(std::move(name_)),
        options(std::move(options_)),
        side(std::make_shared<detail::LinkSide>(detail::LinkSide{core, name})),
        gate(core.stage.spawn<RegistryGateActor>(Registry(core.memory),
                                                 std::make_shared<GateTraffic>())),
        discovery(core.stage.system()) {}

  void open();
  void make_breaker();
  void see(const DiscoveryEvent& event);
  void note(const std::string& text) const { core.note(name + " " + text); }
  void start_ticking();
  void tick(std::uint64_t of_turn, std::int64_t number);
  void loop_once(std::uint64_t of_turn);
  void begin_call(std::function<void()> then);
  void ended(std::size_t index, const Status& status, int attempts);
  void rule_gate();

  detail::WorldCore& core;
  const std::string name;
  CallerOptions options;
  const std::shared_ptr<detail::LinkSide> side;
  const RegistryGate gate;
  GateRules rules;
  Discovery discovery;
  Subscription subscription;
  std::shared_ptr<Breaker> breaker;  // null: none
  std::shared_ptr<void> breaker_listener;
  std::optional<Channel> channel;
  Status status;
  SnapshotPtr newest = std::make_shared<const Snapshot>();
  std::vector<CallRecord> records;
  bool runs = false;
  std::uint64_t turn = 0;  // of starting, pausing and rates: what belongs to an earlier one is over
  TimePoint ticks_since{};
};

void Caller::State::open() {
  discovery.actors().registries->adopt("memory:", caf::actor_cast<Registry>(gate));
  options.channel.transport = detail::make_peer_transport(side);
  if (options.channel.seed == 0)
    options.channel.seed = std::max<std::uint64_t>(detail::Dice(core.seed, name).next(), 1);
  auto opened = Channel::open(discovery, "discovery:///" + options.service, options.channel);
  if (!opened) {
    status = opened.error();
    return;
  }
  make_breaker();
  channel = std::move(*opened);
  auto subscribed = discovery.subscribe("discovery:///" + options.service,
                                        [this](const DiscoveryEvent& event) { see(event); });
  if (subscribed) subscription = std::move(*subscribed);
}

void Caller::State::make_breaker() {
  if (!options.breaker) return;
  options.breaker->seed =
      std::max<std::uint64_t>(detail::Dice(core.seed, name + "'s breaker").next(), 1);
  auto made = Breaker::make(core.stage.system(), name, *options.breaker);
  if (!made) {
    status = made.error();
    return;
  }
  breaker = std::move(*made);
  breaker_listener = breaker->on_transition([this](const BreakerTransition& change) {
    note("breaker is " + std::string(to_string(change.now.state)) +
         (change.now.why.empty() ? "" : ": " + change.now.why));
  });
}

void Caller::State::see(const DiscoveryEvent& event) {
  newest = event.snapshot;
  note("sees " + std::to_string(newest->instances.size()) + ", " + to_text(newest->status) +
       (newest->held.empty() ? "" : ", doubts " + std::to_string(newest->held.size())));
}

void Caller::State::start_ticking() {
  ++turn;
  if (!runs || !channel) return;
  for (std::size_t i = 0; i < options.loops; ++i) loop_once(turn);
  ticks_since = core.now();
  tick(turn, 0);
}

void Caller::State::tick(std::uint64_t of_turn, std::int64_t number) {
  if (of_turn != turn || options.rate <= 0) return;
  begin_call(nullptr);
  const auto interval = static_cast<std::int64_t>(std::llround(1e9 / options.rate));
  core.agenda.at(ticks_since + Duration(interval * (number + 1)),
                 [weak = weak_from_this(), of_turn, number] {
                   if (const auto self = weak.lock()) self->tick(of_turn, number + 1);
                 });
}

void Caller::State::loop_once(std::uint64_t of_turn) {
  if (of_turn != turn) return;
  begin_call([weak = weak_from_this(), of_turn] {
    const auto self = weak.lock();
    if (!self) return;
    self->core.agenda.after(self->options.pause, [weak, of_turn] {
      if (const auto again = weak.lock()) again->loop_once(of_turn);
    });
  });
}

void Caller::State::begin_call(std::function<void()> then) {
  const std::size_t index = records.size();
  records.push_back({core.now()});
  Permit permit;
  if (Status why; breaker && breaker->enter({}, false, permit, why) != Entry::kIn) {
    ended(index, why, 0);
    if (then) then();
    return;
  }
  CallOptions call;
  call.timeout = options.timeout;
  call.idempotent = options.idempotent;
  if (options.keys > 0) call.key = "key " + std::to_string(index % options.keys);
  const auto in_place = [](const std::function<void()>& job) { job(); };
  call_bytes(*channel, "/" + options.service + "/Call", std::to_string(index + 1), call)
      .then(in_place,
            [weak = weak_from_this(), index, permit, guard = breaker, then = std::move(then)](
                const Expected<std::string>& reply, const CallFacts& facts) {
              if (guard) guard->leave(permit, {reply ? Errc::kOk : reply.error().code()});
              if (const auto self = weak.lock())
                self->ended(index, reply ? Status() : reply.error(), facts.attempts);
              if (then) then();
            });
}

void Caller::State::ended(std::size_t index, const Status& how, int attempts) {
  CallRecord& record = records[index];
  record.ended = core.now();
  record.code = how.code();
  note(std::to_string(index + 1) + ": " + std::string(to_string(how.code())) + " after " +
       in_seconds(record.ended - record.began) + ", attempts " + std::to_string(attempts));
}

void Caller::State::rule_gate() { core.stage.tell(gate, rules); }

Caller::Caller(detail::WorldCore& core, std::string name, CallerOptions options)
    : state_(std::make_shared<State>(core, std::move(name), std::move(options))) {
  state_->open();
  core.stage.run();
}

Caller::~Caller() = default;

const std::string& Caller::name() const { return state_->name; }
const Status& Caller::status() const { return state_->status; }
const Channel& Caller::channel() const { return *state_->channel; }
BreakerState Caller::breaker() const {
  return state_->breaker ? state_->breaker->state().state : BreakerState::kClosed;
}
SnapshotPtr Caller::snapshot() const { return state_->newest; }
std::size_t Caller::endpoints() const {
  if (!state_->channel) return 0;
  const auto all = state_->channel->endpoints();
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [](const EndpointView& each) { return each.called; }));
}

void Caller::start() {
  if (std::exchange(state_->runs, true)) return;
  state_->note("begins to call");
  state_->start_ticking();
  state_->core.stage.run();
}

void Caller::pause() {
  if (!std::exchange(state_->runs, false)) return;
  state_->note("calls no more");
  ++state_->turn;
}

void Caller::set_rate(double calls_per_second) {
  state_->options.rate = calls_per_second;
  state_->note("changes its rate");
  state_->start_ticking();
  state_->core.stage.run();
}

void Caller::cut(bool from_peers, bool from_registry) {
  State& state = *state_;
  state.side->is_cut = from_peers;
  state.rules.refuse = from_registry;
  state.note("is cut off from " + detail::cut_text("peers", from_peers, from_registry));
  state.rule_gate();
  for (const auto& link : state.core.all_links())
    if (link->side() == state.side) link->watch_keepalive();
  state.core.stage.run();
}

void Caller::reorder_changes(bool reordered) {
  state_->rules.stale_echo = reordered;
  state_->rule_gate();
}

Tally Caller::tally(TimePoint since) const {
  Tally tally;
  std::vector<Duration> took;
  for (const CallRecord& call : state_->records) {
    if (call.began > since) ++tally.calls;
    if (call.ended <= since || call.ended == TimePoint::max()) continue;
    if (call.code == Errc::kOk) {
      ++tally.ok;
      took.push_back(call.ended - call.began);
    } else {
      ++tally.failed;
      ++tally.errors[call.code];
    }
  }
  for (const auto& sent : state_->side->sent) {
    if (sent.at <= since) continue;
    ++tally.attempts;
    ++tally.attempts_to[sent.peer];
    tally.last_attempt_to[sent.peer] = sent.at;
  }
  std::sort(took.begin(), took.end());
  tally.p50 = quantile(took, 50);
  tally.p99 = quantile(took, 99);
  tally.most = quantile(took, 100);
  return tally;
}

double Tally::share(const std::string& peer) const {
  const auto at = attempts_to.find(peer);
  return at == attempts_to.end() ? 0
                                 : static_cast<double>(at->second) / static_cast<double>(attempts);
}

double Tally::attempts_per_call() const {
  return calls == 0 ? 0 : static_cast<double>(attempts) / static_cast<double>(calls);
}

void Tally::add(const Tally& other) {
  calls += other.calls;
  ok += other.ok;
  failed += other.failed;
  attempts += other.attempts;
  for (const auto& [code, count] : other.errors) errors[code] += count;
  for (const auto& [peer, count] : other.attempts_to) attempts_to[peer] += count;
  for (const auto& [peer, at] : other.last_attempt_to)
    last_attempt_to[peer] = std::max(last_attempt_to[peer], at);
  p50 = std::max(p50, other.p50);
  p99 = std::max(p99, other.p99);
  most = std::max(most, other.most);
}

}  // namespace brontes
