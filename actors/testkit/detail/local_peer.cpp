#include <brontes/actors/call/detail/settle.hpp>
#include <brontes/actors/testkit/detail/local_peer.hpp>
#include <utility>

namespace brontes::detail {

void LocalPeer::send(const Message& request) {
  std::unique_ptr<Message> copy(request.New());
  copy->CopyFrom(request);
  {
    const std::lock_guard lock(mutex_);
    if (!half_closed_) requests_.push_back(std::move(copy));
  }
  pump();
}

void LocalPeer::half_close() {
  {
    const std::lock_guard lock(mutex_);
    half_closed_ = true;
  }
  pump();
}

void LocalPeer::cancel() {
  CallPtr call;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(cancelled_, true) || !call_) return;
    call = CallPtr(call_);
  }
  static_cast<LocalServerCall&>(*call).cancel();
  pump();
}

template <class Condition>
bool LocalPeer::wait(Condition condition) {
  if (settle(system_)) {
    const std::lock_guard lock(mutex_);
    return condition();
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, condition);
  return true;
}

bool LocalPeer::finished() {
  settle(system_);
  const std::lock_guard lock(mutex_);
  return status_.has_value();
}

Status LocalPeer::status() {
  if (!wait([&] { return status_.has_value(); }))
    return {Errc::kFailedPrecondition,
            "a local call is unanswered and every actor rests: start() it and move the time"};
  return *status_;
}

std::unique_ptr<Message> LocalPeer::next_reply() {
  {
    const std::lock_guard lock(mutex_);
    if (!options_.eager && replies_.empty() && !status_ && reads_ == 0) reads_ = 1;
  }
  pump();
  wait([&] { return !replies_.empty() || status_; });
  const std::lock_guard lock(mutex_);
  if (replies_.empty()) return nullptr;
  std::unique_ptr<Message> reply = std::move(replies_.front());
  replies_.pop_front();
  return reply;
}

std::string LocalPeer::header(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = headers_.find(key);
  return found == headers_.end() ? std::string() : found->second;
}

std::string LocalPeer::trailer(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = trailers_.find(key);
  return found == trailers_.end() ? std::string() : found->second;
}

void LocalPeer::bind(LocalServerCall* call) {
  const std::lock_guard lock(mutex_);
  call_ = call;
}

void LocalPeer::set_header(const std::string& key, const std::string& value) {
  const std::lock_guard lock(mutex_);
  headers_.emplace(key, value);
}

void LocalPeer::set_trailer(const std::string& key, const std::string& value) {
  const std::lock_guard lock(mutex_);
  trailers_.emplace(key, value);
}

void LocalPeer::wants_request() {
  {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
  }
  pump();
}

void LocalPeer::offers_reply(const Message& reply) {
  {
    const std::lock_guard lock(mutex_);
    offered_ = &reply;
  }
  pump();
}

void LocalPeer::end(const Status& status, const Message* reply) {
  const std::lock_guard lock(mutex_);
  if (status.ok() && reply) {
    replies_.emplace_back(reply->New())->CopyFrom(*reply);
  }
  status_ = status;
  call_ = nullptr;
  changed_.notify_all();
}

LocalPeer::Step LocalPeer::next_step() {
  if (offered_ && cancelled_) return Step::kNobodyReads;
  if (offered_ && (options_.eager || reads_ > 0)) return Step::kReply;
  if (wanted_ && !requests_.empty()) return Step::kRequest;
  if (wanted_ && half_closed_) return Step::kHalfClose;
  return Step::kNone;
}

void LocalPeer::pump() {
  for (bool mine = false;; mine = true) {
    CallPtr call;
    Step step = Step::kNone;
    {
      const std::lock_guard lock(mutex_);
      if (!mine && pumping_) return;
      if (call_) step = next_step();
      pumping_ = step != Step::kNone;
      if (!pumping_) return;
      call = CallPtr(call_);
    }
    take(static_cast<LocalServerCall&>(*call), step);
  }
}

void LocalPeer::take(LocalServerCall& call, Step step) {
  Event event;
  {
    const std::lock_guard lock(mutex_);
    if (step == Step::kReply) {
      replies_.emplace_back(offered_->New())->CopyFrom(*offered_);
      if (!options_.eager) --reads_;
      changed_.notify_all();
    }
    if (step == Step::kReply || step == Step::kNobodyReads) {
      offered_ = nullptr;
    } else {
      wanted_ = false;
      event.type = step == Step::kRequest ? Event::Type::kMessage : Event::Type::kHalfClosed;
    }
    if (step == Step::kRequest) {
      event.request = std::move(requests_.front());
      requests_.pop_front();
    }
  }
  if (step == Step::kReply || step == Step::kNobodyReads)
    call.written(step == Step::kReply);
  else
    call.emit(std::move(event));
}

std::string LocalServerCall::door_metadata(std::string_view key) const {
  const auto& all = peer_->options().metadata;
  const auto found = all.find(std::string(key));
  return found == all.end() ? std::string() : found->second;
}

Status LocalServerCall::door_parse(Message& request) {
  request.CopyFrom(*first_);
  return {};
}

void LocalServerCall::door_finish(const Status& status) {
  const Status answered = status;  // complete() may end this object
  const std::shared_ptr<LocalPeer> peer = peer_;
  const CallPtr self(this);
  complete(!cancelled());
  peer->end(answered, has_one_reply(method().kind) ? reply_message() : nullptr);
}

}  // namespace brontes::detail
