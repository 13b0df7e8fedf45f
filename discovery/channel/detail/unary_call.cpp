#include <brontes/actors/call/metadata.hpp>
#include <brontes/discovery/channel/detail/request_key.hpp>
#include <brontes/discovery/channel/detail/unary_call.hpp>
#include <charconv>
#include <optional>
#include <utility>

namespace brontes {
namespace {

TimePoint deadline_of(const Clock& clock, const CallOptions& options) {
  return std::min(after(clock, options.timeout), options.parent.deadline);
}

// What the server says about retries: nothing, a delay, or (negative, or no number) "do not".
struct Pushback {
  bool given = false;
  Duration delay{-1};
};

Pushback pushback_of(const MetadataList& trailers) {
  for (const auto& [key, value] : trailers) {
    if (key != "grpc-retry-pushback-ms") continue;
    std::int32_t ms = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), ms);
    if (error != std::errc() || end != value.data() + value.size()) ms = -1;
    return {true, std::chrono::milliseconds(ms)};
  }
  return {};
}

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

UnaryCall::UnaryCall(std::shared_ptr<ChannelCore> core, std::string path, std::string body,
                     CallOptions options)
    : core_(std::move(core)),
      path_(std::move(path)),
      body_(std::make_shared<const std::string>(std::move(body))),
      options_(std::move(options)),
      retry_(options_.retry.value_or(core_->retry)),
      deadline_(deadline_of(core_->clock, options_)),
      key_(options_.key.empty() ? metadata_key(core_->key, options_.metadata)
                                : key_hash(options_.key)),
      random_(core_->next_seed.fetch_add(1, std::memory_order_relaxed)) {}

void UnaryCall::start() {
  for (const auto& [key, value] : request(0).metadata)
    if (const Status status = check_metadata(key, value); !status.ok())
      return finish({status.code(), "call " + path_ + ": " + status.message()});
  if (const auto& cancellation = options_.parent.cancellation)
    parent_ = cancellation->subscribe([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->cancel();
    });
  core_->budget.deposit();
  attempt();
}

void UnaryCall::cancel() {
  finish({Errc::kCancelled, "call " + path_ + ": cancelled by its caller"});
  std::shared_ptr<UnaryAttempt> attempt;
  {
    const std::lock_guard lock(mutex_);
    attempt = std::move(in_flight_);
  }
  if (attempt) attempt->cancel();
}

void UnaryCall::attempt() {
  if (finished()) return;
  if (deadline_ <= core_->clock.now())
    return finish(
        {Errc::kDeadlineExceeded, "call " + path_ + ": its deadline had passed before it was sent" +
                                      (last_.ok() ? "" : "; before that: " + last_.to_string())});
  if (!place(false)) wait(core_->clock.now());
}

// Picks and launches; with only_fresh, only at an endpoint that was not tried.
bool UnaryCall::place(bool only_fresh) {
  const EndpointPtr endpoint = core_->picker->read([&](const Picker& picker) -> EndpointPtr {
    PickResult picked = pick_ready(picker, {path_, tried_, key_});
    if (picked.why == NoPick::kAllExcluded && !only_fresh) {
      tried_.clear();
      picked = pick_ready(picker, {path_, {}, key_});
    }
    return picked.endpoint ? picked.endpoint->shared_from_this() : nullptr;
  });
  if (endpoint) launch(endpoint);
  return endpoint != nullptr;
}

void UnaryCall::launch(const EndpointPtr& endpoint) {
  int number = 0;
  {
    const std::lock_guard lock(mutex_);
    if (finished_) return;
    number = ++attempts_;
    result_.facts.address = endpoint->address();
    result_.facts.attempts = number;
  }
  auto attempt = endpoint->connection()->start_unary(
      request(number - 1), [self = shared_from_this(), endpoint](UnaryReply reply) {
        self->landed(endpoint, std::move(reply));
      });
  {
    const std::lock_guard lock(mutex_);
    if (number != attempts_) return;  // it has landed and the next one is under way
    if (!finished_) {
      in_flight_ = std::move(attempt);
      return;
    }
  }
  attempt->cancel();  // cancel() came while it started
}

UnaryRequest UnaryCall::request(int made) const {
  UnaryRequest request{path_, body_, options_.metadata, deadline_};
  const CallContext& parent = options_.parent;
  const auto carry = [&](const char* key, const std::string& value) {
    if (!value.empty()) request.metadata.emplace_back(key, value);
  };
  carry("x-request-id", parent.request_id);
  carry("traceparent", parent.traceparent);
  carry("tracestate", parent.tracestate);
  if (made > 0) carry("grpc-previous-rpc-attempts", std::to_string(made));
  return request;
}

void UnaryCall::landed(const EndpointPtr& endpoint, UnaryReply reply) {
  if (finished()) return;
  tried_.push_back(endpoint.get());
  tried_alive_.push_back(endpoint);
  if (!worth_retrying(reply) || !core_->budget.withdraw(core_->clock.now())) {
    Status status = std::move(reply.status);
    return finish(std::move(status), std::move(reply));
  }
  if (reply.sent) ++resends_;
  last_ = reply.status;
  retry(reply);
}

bool UnaryCall::worth_retrying(const UnaryReply& reply) const {
  if (reply.status.ok() || static_cast<int>(tried_alive_.size()) >= retry_.attempts()) return false;
  const Pushback pushback = pushback_of(reply.trailers);
  if (pushback.given && pushback.delay < Duration::zero()) return false;
  if (!reply.sent) return reply.status.code() == Errc::kUnavailable;
  return retry_.covers(reply.status.code()) &&
         (options_.idempotent || resends_ < retry_.max_resends);
}

void UnaryCall::retry(const UnaryReply& reply) {
  const Pushback pushback = pushback_of(reply.trailers);
  if (!pushback.given && !reply.sent && place(true)) return;
  const Duration delay = pushback.given
                             ? pushback.delay
                             : retry_.delay(static_cast<int>(tried_alive_.size()), random_);
  const TimePoint at = after(core_->clock, delay);
  if (at >= deadline_) return finish(reply.status, reply);
  wait(at);
}

void UnaryCall::wait(TimePoint not_before) {
  auto turn = std::make_shared<TurnToCall>(
      shared_from_this(), "call " + path_ + ": the channel " + core_->target + " was closed");
  tell(core_->balancer, AwaitEndpoint{std::move(turn), not_before, deadline_});
}

void UnaryCall::give_up(Status why) {
  if (last_.ok()) return finish(std::move(why));
  finish({why.code(), why.message() + "; the attempt before: " + last_.to_string()});
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

void UnaryCall::finish(Status status, UnaryReply reply) {
  std::vector<std::function<void(const CallResult&)>> listeners;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(finished_, true)) return;
    result_.status = std::move(status);
    result_.body = std::move(reply.body);
    result_.facts.headers = std::move(reply.headers);
    result_.facts.trailers = std::move(reply.trailers);
    listeners.swap(listeners_);
  }
  for (const auto& listener : listeners) listener(result_);
}

std::shared_ptr<UnaryCall> start_unary_call(const Channel& channel, std::string path,
                                            std::string body, CallOptions options) {
  auto call = std::make_shared<UnaryCall>(channel.core(), std::move(path), std::move(body),
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
