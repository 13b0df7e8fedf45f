#include <brontes/actors/call/call.hpp>
#include <brontes/actors/call/metadata.hpp>
#include <brontes/actors/call/method_table.hpp>
#include <brontes/actors/log.hpp>
#include <brontes/actors/log_every.hpp>
#include <exception>
#include <random>

namespace brontes {
namespace {

constexpr std::string_view kLogger = "call";

std::string next_incident() {
  static const std::uint64_t first = std::random_device{}();
  static std::atomic<std::uint64_t> count{0};
  return fmt::format("{:08x}-{}", first & 0xffffffffu, ++count);
}

}  // namespace

Call::Call(const Method& method, const MethodTable& table, TimePoint deadline)
    : method_(method),
      chain_(method.chain),
      clock_(table.clock()),
      deadline_(deadline),
      born_(clock_.now()) {}

Call::~Call() = default;

bool Call::has_door() const {
  return !finished() || completing_.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

std::string Call::metadata(std::string_view key) const {
  return has_door() ? door_metadata(key) : std::string();
}

std::vector<std::pair<std::string, std::string>> Call::all_metadata() const {
  return has_door() ? door_all_metadata() : std::vector<std::pair<std::string, std::string>>();
}

std::string Call::peer() const { return has_door() ? door_peer() : std::string(); }

PeerIdentity Call::peer_identity() const {
  return has_door() ? door_peer_identity() : PeerIdentity();
}

// What the peer sent goes out again by this: only what is well formed.
CallContext Call::context() {
  CallContext context{
      deadline(), request_id_, metadata("traceparent"),           metadata("tracestate"),
      {},         principal_,  !metadata("x-retry-owner").empty()};
  if (!is_traceparent(context.traceparent)) context.traceparent.clear();
  if (context.traceparent.empty() || !is_tracestate(context.tracestate)) context.tracestate.clear();
  const std::lock_guard lock(mutex_);
  if (!cancellation_) {
    cancellation_ = std::make_shared<Cancellation>();
    if (cancelled()) cancellation_->request();
  }
  context.cancellation = cancellation_;
  return context;
}

// A handler may pass on what came from anywhere: that must cost it the header, not the process.
bool Call::may_send(const std::string& key, const std::string& value) const {
  const Status status = check_metadata(key, value);
  if (!status.ok())
    log_warn(kLogger, "header left out method={} cause=\"{}\"", method_.path, status.message());
  return status.ok();
}

void Call::add_header(const std::string& key, const std::string& value) {
  if (!may_send(key, value)) return;
  const std::lock_guard lock(mutex_);
  if (!finished()) door_header(key, value);
}

void Call::add_trailer(const std::string& key, const std::string& value) {
  if (!may_send(key, value)) return;
  const std::lock_guard lock(mutex_);
  if (!finished()) door_trailer(key, value);
}

void Call::send_headers() {
  if (!finished() && !headers_sent_.exchange(true)) door_send_headers();
}

void Call::read() {
  if (!finished()) door_read();
}

bool Call::write(std::unique_ptr<Message> reply) {
  const Message* now = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (finishing_ || finished() || credit_ == 0) return false;
    --credit_;
    queue_.push_back(std::move(reply));
    if (!std::exchange(writing_, true)) now = queue_.front().get();
  }
  if (now) {
    headers_sent_ = true;
    door_write(*now);
  }
  return true;
}

void Call::finish(Status status) {
  if (finished_.exchange(true, std::memory_order_acq_rel)) return;
  status_ = std::move(status);
  bool now = true;
  {
    const std::lock_guard lock(mutex_);
    finishing_ = true;
    now = !writing_;  // otherwise the queued replies go first, see written()
    if (!status_.ok() && request_id_made_ && may_send("x-request-id", request_id_))
      tell_request_id();
  }
  const CallPtr kept = std::move(keep_alive_);  // dropped last: it may be the last handle
  if (const auto holder = std::move(holder_)) holder->let_go(*this);
  if (now) door_finish(status_);
}

// By it the caller's side finds the lines about the failure in the logs of this one.
void Call::tell_request_id() {
  if (headers_sent_)
    door_trailer("x-request-id", request_id_);
  else
    door_header("x-request-id", request_id_);
}

void Call::fail(std::string_view cause) {
  if (!finished()) finish(incident(cause));
}

Status Call::incident(std::string_view cause) const {
  const std::string incident = next_incident();
  log_every(LogLevel::kError, kLogger, "call failed method={} incident={} cause=\"{}\"",
            method_.path, incident, cause);
  return {Errc::kInternal, "internal error, incident " + incident};
}

Status Call::cancel_status() const {
  if (expired()) return {Errc::kDeadlineExceeded, "the deadline passed"};
  return {Errc::kCancelled, "the caller went away"};
}

template <class F>
void Call::guarded(F step) {
  try {
    step();
  } catch (const std::exception& e) {
    fail(e.what());
  } catch (...) {
    fail("an exception that is no std::exception");
  }
}

// Everything that may still refuse the call; OK means the handler is next.
Status Call::admit() {
  for (const auto& interceptor : chain_.all) {
    ++entered_;
    if (Status status = interceptor->on_headers(*this); !status.ok()) return status;
  }
  if (has_one_request(method_.kind)) {
    if (!request_) request_.reset(method_.request->New());
    if (Status status = door_parse(*request_); !status.ok()) return status;
    for (const auto& interceptor : chain_.all)
      if (Status status = interceptor->on_request(*this, *request_); !status.ok()) return status;
    if (Status status = receive(*request_); !status.ok()) return status;
  }
  // Before "cancelled": the transport cancels an expired call, and the deadline is the reason.
  if (expired()) return {Errc::kDeadlineExceeded, "expired before its handler ran"};
  if (cancelled()) return cancel_status();
  return {};
}

Status Call::receive(const Message& request) {
  for (MessageInterceptor* interceptor : chain_.messages)
    if (Status status = interceptor->on_received(*this, request); !status.ok()) return status;
  return {};
}

Status Call::show(const Message& request) {
  try {
    return receive(request);
  } catch (const std::exception& e) {
    return incident(e.what());
  } catch (...) {
    return incident("an exception that is no std::exception");
  }
}

void Call::sent(const Message& reply) noexcept {
  for (MessageInterceptor* interceptor : chain_.messages) interceptor->on_sent(*this, reply);
}

void Call::start() {
  const CallPtr self(this);
  guarded([&] {
    if (Status status = admit(); !status.ok()) return finish(std::move(status));
    if (has_one_reply(method_.kind)) reply_.reset(method_.reply->New());
    method_.handler(self, Event{Event::Type::kStarted, kWindow, {}});
  });
  bool cancelled_meanwhile = false;
  {
    const std::lock_guard lock(mutex_);
    started_ = true;
    cancelled_meanwhile = cancelled();
  }
  if (cancelled_meanwhile) emit(Event{Event::Type::kCancelled, 0, {}});
}

void Call::emit(Event event) {
  if (finished()) return;
  if (event.type == Event::Type::kMessage && !chain_.messages.empty()) {
    const CallPtr alive(this);
    if (Status status = show(*event.request); !status.ok()) {
      finish(std::move(status));
      return cancel();  // after the answer: whoever works for this call may stop
    }
    if (finished()) return;
  }
  guarded([&] { method_.handler(CallPtr(this), std::move(event)); });
}

void Call::cancel() {
  std::shared_ptr<Cancellation> cancellation;
  bool deliver = false;
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_.exchange(true, std::memory_order_acq_rel)) return;
    cancellation = cancellation_;
    deliver = started_;  // never ahead of kStarted: start() delivers it otherwise
  }
  if (cancellation) cancellation->request();
  if (deliver) emit(Event{Event::Type::kCancelled, 0, {}});
}

void Call::written(bool ok) {
  const Message* next = nullptr;
  std::unique_ptr<Message> gone;
  bool last = false;
  int grant = 0;
  {
    const std::lock_guard lock(mutex_);
    gone = std::move(queue_.front());
    queue_.pop_front();
    if (!ok) queue_.clear();
    if (queue_.empty()) {
      writing_ = false;
      last = finishing_;
    } else {
      next = queue_.front().get();
    }
    // Demand is granted by half windows: one event for eight replies, not one for each.
    if (++freed_ >= kWindow / 2 && ok && !finishing_) {
      grant = std::exchange(freed_, 0);
      credit_ += grant;
    }
  }
  if (ok) sent(*gone);
  if (next) door_write(*next);
  if (last) door_finish(status_);
  if (grant > 0) emit(Event{Event::Type::kDemand, grant, {}});
}

void Call::complete(bool delivered) {
  const Outcome outcome{status_, delivered, clock_.now() - born_};
  completing_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  if (delivered && status_.ok() && reply_) sent(*reply_);
  while (entered_ > 0) chain_.all[--entered_]->on_done(*this, outcome);
  completing_.store({}, std::memory_order_relaxed);
  door_closed();
  release_memory();
}

void Call::release() {
  if (handles_.fetch_sub(1, std::memory_order_acq_rel) == 1 && !finished()) {
    if (claimed_)
      fail("the handler dropped the call");
    else
      finish({Errc::kUnavailable, "the handler went away before it saw the call"});
  }
  release_memory();
}

void Call::release_memory() {
  if (memory_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

}  // namespace brontes
