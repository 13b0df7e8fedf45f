#include <algorithm>
#include <brontes/discovery/channel/detail/repeat_target.hpp>
#include <brontes/discovery/channel/detail/unary_call.hpp>
#include <utility>

namespace brontes {
namespace {

constexpr Duration kShortestHedge = std::chrono::milliseconds(1);

// A call's place among the waiting ones. Dropped untold, as by a balancer that has ended, it tells.
class TurnToCall final : public Waiter {
 public:
  TurnToCall(std::shared_ptr<UnaryCall> call, std::string closed)
      : call_(std::move(call)), closed_(std::move(closed)) {}
  ~TurnToCall() override {
    if (call_) call_->give_up({Errc::kUnavailable, std::move(closed_)});
  }
  void resume() override { std::exchange(call_, nullptr)->resume(); }
  void give_up(Status why) override { std::exchange(call_, nullptr)->give_up(std::move(why)); }
  bool abandoned() const override { return call_->finished(); }

 private:
  std::shared_ptr<UnaryCall> call_;
  std::string closed_;
};

}  // namespace

UnaryCall::UnaryCall(std::shared_ptr<ChannelCore> core, std::string method, std::string body,
                     CallOptions options)
    : core_(std::move(core)),
      plan_(*core_, std::move(method), std::move(body), std::move(options)),
      random_(core_->seed + core_->calls.fetch_add(1, std::memory_order_relaxed)) {}

void UnaryCall::start() {
  if (Status status = plan_.check(); !status.ok()) return fail(std::move(status));
  if (const auto& cancellation = plan_.parent().cancellation)
    parent_ = cancellation->subscribe([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->cancel();
    });
  attempt();
}

void UnaryCall::cancel() {
  fail({Errc::kCancelled, "call " + plan_.path() + ": cancelled by its caller"});
}

void UnaryCall::attempt() {
  if (finished()) return;
  const bool again = !tried_alive_.empty();
  if (plan_.deadline() <= core_->clock.now())
    return fail({Errc::kDeadlineExceeded,
                 "call " + plan_.path() + ": its deadline had passed before it was sent" +
                     (again ? "; before that: " + last_.status.to_string() : "")});
  const Found found = find(again ? find_for_repeat : pick_ready);
  if (found.endpoint) return launch(found.endpoint);
  // While it waited for its delay too many failed.
  if (found.why == NoPick::kAllExcluded) return finish(std::move(last_));
  wait(core_->clock.now());
}

UnaryCall::Found UnaryCall::find(Finder finder) const {
  return core_->picker->read([&](const Picker& picker) -> Found {
    const PickResult picked = finder(picker, {plan_.path(), tried_, plan_.key()});
    return {picked.endpoint ? picked.endpoint->shared_from_this() : nullptr, picked.why};
  });
}

bool UnaryCall::is_hedgeable() const { return plan_.rule().hedging.enabled && plan_.idempotent(); }

void UnaryCall::hedge_later() {
  const CallRule& rule = plan_.rule();
  const Duration wanted = rule.latency ? rule.latency->p95() : rule.hedging.delay;
  if (wanted == Duration::zero()) return;
  const TimePoint now = core_->clock.now();
  const Duration most = (plan_.deadline() - now) / 2;
  patience_ = std::max(std::min(wanted, most), kShortestHedge);
  core_->hedges->watch(weak_from_this(), now + patience_);
}

void UnaryCall::hedge() {
  std::vector<const Endpoint*> excluded;
  EndpointPtr busy;
  {
    const std::lock_guard lock(mutex_);
    if (finished_ || hedge_ != 0) return;
    busy = in_flight_alone();
    excluded = tried_;
  }
  excluded.push_back(busy.get());
  if (const auto other = busy ? find_for_hedge(excluded) : nullptr) return launch(other, true);
  // Calls that hang must not have lost their only chance to those that were merely slow.
  core_->hedges->watch(weak_from_this(), core_->clock.now() + patience_);
  patience_ *= 2;
}

// Null: not now.
EndpointPtr UnaryCall::find_for_hedge(std::span<const Endpoint* const> excluded) const {
  if (core_->load->is_strained()) return nullptr;
  auto other = core_->picker->read([&](const Picker& picker) -> EndpointPtr {
    const PickResult picked = find_untried(picker, {plan_.path(), excluded, plan_.key()});
    return picked.endpoint ? picked.endpoint->shared_from_this() : nullptr;
  });
  const auto calls = core_->hedgeable_calls.load(std::memory_order_relaxed);
  if (!other || !core_->hedge_budget.withdraw(core_->clock.now(), calls)) return nullptr;
  return other;
}

// Where the only attempt in flight is; null: there is none, or two. To be used under the lock.
EndpointPtr UnaryCall::in_flight_alone() const {
  if ((flights_[0].number == 0) == (flights_[1].number == 0)) return nullptr;
  return flights_[flights_[0].number == 0 ? 1 : 0].endpoint;
}

// Null: it is too late. To be used under the lock that is held.
UnaryCall::Flight* UnaryCall::take_off(const EndpointPtr& endpoint, bool as_hedge) {
  if (finished_ || (as_hedge && !in_flight_alone())) return nullptr;
  Flight& flight = flights_[flights_[0].number == 0 ? 0 : 1];
  flight.number = ++attempts_;
  if (as_hedge) hedge_ = flight.number;
  flight.endpoint = endpoint;
  if (attempts_ == 1 && is_hedgeable()) {
    core_->hedgeable_calls.fetch_add(1, std::memory_order_relaxed);
    if (plan_.rule().latency) flight.began = core_->clock.now();
  }
  if (std::find(tried_.begin(), tried_.end(), endpoint.get()) != tried_.end()) tried_.clear();
  result_.facts.address = endpoint->address();
  result_.facts.attempts = attempts_;
  return &flight;
}

void UnaryCall::launch(const EndpointPtr& endpoint, bool as_hedge) {
  int number = 0;
  {
    const std::lock_guard lock(mutex_);
    const Flight* const flight = take_off(endpoint, as_hedge);
    if (!flight) return;
    number = flight->number;
  }
  auto attempt = endpoint->connection()->start_unary(
      plan_.request(number - 1), [self = shared_from_this(), number](UnaryReply reply) {
        self->landed(number, std::move(reply));
      });
  {
    const std::lock_guard lock(mutex_);
    if (landed_[static_cast<std::size_t>(number)]) return;
    if (!finished_) flights_[flights_[0].number == number ? 0 : 1].attempt = std::move(attempt);
  }
  if (attempt)
    attempt->cancel();  // finish() came while it started
  else if (number == 1 && is_hedgeable())
    hedge_later();
}

void UnaryCall::landed(int number, UnaryReply reply) {
  const bool worth_repeating = plan_.is_worth_repeating(reply);
  bool is_last = false;
  const Flight flight = take_landed(number, worth_repeating, is_last);
  if (flight.number == 0) return;
  learn(flight, reply, worth_repeating);
  if (!worth_repeating)
    finish(std::move(reply));
  else if (is_last)
    retry(std::move(reply));
}

// Nothing, if the call is over. `is_last`: no other attempt is in flight.
UnaryCall::Flight UnaryCall::take_landed(int number, bool worth_repeating, bool& is_last) {
  const std::lock_guard lock(mutex_);
  landed_.set(static_cast<std::size_t>(number));
  if (finished_) return {};
  Flight& flight = flights_[flights_[0].number == number ? 0 : 1];
  Flight landed = std::exchange(flight, {});
  is_last = flights_[0].number == 0 && flights_[1].number == 0;
  result_.facts.address = landed.endpoint->address();
  if (worth_repeating) {
    tried_.push_back(landed.endpoint.get());
    tried_alive_.push_back(landed.endpoint);
  }
  return landed;
}

void UnaryCall::learn(const Flight& flight, const UnaryReply& reply, bool worth_repeating) {
  RetryTokens& tokens = flight.endpoint->shared_stats()->retry_tokens();
  const Errc code = reply.status.code();
  if (reply.status.ok()) tokens.earn();
  if (worth_repeating) tokens.spend();
  if (flight.began == TimePoint::min()) return;
  const TimePoint now = core_->clock.now();
  if (code == Errc::kOk || code == Errc::kDeadlineExceeded)
    core_->hedges->record(*plan_.rule().latency, now - flight.began, now);
}

void UnaryCall::retry(UnaryReply reply) {
  last_ = std::move(reply);
  if (!plan_.may_repeat(last_, attempts_, resends_) ||
      find(find_for_repeat).why == NoPick::kAllExcluded ||
      !core_->retry_budget.withdraw(core_->clock.now(),
                                    core_->calls.load(std::memory_order_relaxed)))
    return finish(std::move(last_));
  if (last_.sent) ++resends_;
  if (plan_.is_repeated_at_once(last_))
    if (const Found found = find(find_untried); found.endpoint) return launch(found.endpoint);
  const TimePoint at = plan_.next_attempt(last_, attempts_, random_);
  if (at >= plan_.deadline()) return finish(std::move(last_));
  wait(at);
}

void UnaryCall::wait(TimePoint not_before) {
  auto turn =
      std::make_shared<TurnToCall>(shared_from_this(), "call " + plan_.path() + ": the channel " +
                                                           core_->target + " was closed");
  tell(core_->balancer, AwaitEndpoint{std::move(turn), not_before, plan_.deadline()});
}

void UnaryCall::give_up(Status why) {
  if (last_.status.ok()) return fail(std::move(why));
  fail({why.code(), why.message() + "; the attempt before: " + last_.status.to_string()});
}

bool UnaryCall::finished() const {
  const std::lock_guard lock(mutex_);
  return finished_;
}

void UnaryCall::on_result(std::function<void(const CallResult&)> done) {
  {
    const std::lock_guard lock(mutex_);
    if (!finished_) {
      listeners_.push_back(std::move(done));
      return;
    }
  }
  done(result_);  // it does not change any more
}

void UnaryCall::fail(Status why) {
  UnaryReply reply;
  reply.status = std::move(why);
  finish(std::move(reply));
}

void UnaryCall::finish(UnaryReply reply) {
  std::vector<std::function<void(const CallResult&)>> listeners;
  Flights losers;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(finished_, true)) return;
    result_.status = std::move(reply.status);
    result_.body = std::move(reply.body);
    result_.facts.headers = std::move(reply.headers);
    result_.facts.trailers = std::move(reply.trailers);
    listeners.swap(listeners_);
    losers.swap(flights_);
  }
  abandon(losers, result_.status.ok());
  for (const auto& listener : listeners) listener(result_);
}

// Those that are still in flight, and whose answer nobody waits for. The first attempt took longer
// than the hedge that was faster: that counts.
void UnaryCall::abandon(const Flights& losers, bool answered) {
  for (const Flight& loser : losers) {
    if (loser.attempt) loser.attempt->cancel();
    if (answered && loser.number != 0 && loser.number != hedge_)
      loser.endpoint->shared_stats()->outrun();
    if (!answered || loser.began == TimePoint::min()) continue;
    const TimePoint now = core_->clock.now();
    core_->hedges->record(*plan_.rule().latency, now - loser.began, now);
  }
}

std::shared_ptr<UnaryCall> start_unary_call(const Channel& channel, std::string method,
                                            std::string body, CallOptions options) {
  auto call = std::make_shared<UnaryCall>(channel.core(), std::move(method), std::move(body),
                                          std::move(options));
  call->start();
  return call;
}

void on_result(const std::shared_ptr<UnaryCall>& call,
               std::function<void(const CallResult&)> done) {
  call->on_result(std::move(done));
}

void cancel(const std::shared_ptr<UnaryCall>& call) { call->cancel(); }

}  // namespace brontes
