#include <brontes/actors/call/call.hpp>
#include <brontes/actors/call/stream_handler.hpp>
#include <mutex>
#include <optional>

namespace brontes {
namespace {

// One call of a stream method. The door's threads may bring events at the same time, and a write
// may bring the next event before it returns: whoever comes first serves them all, in order.
class Stream {
 public:
  virtual ~Stream() = default;

  void post(Call& call, Event event) {
    {
      const std::lock_guard lock(mutex_);
      events_.push_back(std::move(event));
      if (std::exchange(serving_, true)) return;
    }
    // An exception leaves `serving_` set: the call has failed, nothing may follow.
    while (std::optional<Event> next = take()) serve(call, *next);
  }

 protected:
  virtual void serve(Call& call, Event& event) = 0;

 private:
  std::optional<Event> take() {
    const std::lock_guard lock(mutex_);
    if (events_.empty()) {
      serving_ = false;
      return std::nullopt;
    }
    Event event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

  std::mutex mutex_;  // guards what follows
  std::deque<Event> events_;
  bool serving_ = false;
};

class ServerStream final : public Stream {
 public:
  explicit ServerStream(NextReply next) : next_(std::move(next)) {}

 private:
  void serve(Call& call, Event& event) override {
    for (credit_ += event.credit; !call.finished(); --credit_) {
      if (call.cancelled()) return call.finish(call.cancel_status());
      if (credit_ == 0) return;
      std::unique_ptr<Message> reply(call.method().reply->New());
      const Expected<bool> more = next_(*reply);
      if (!more) return call.finish(more.error());
      if (!*more) return call.finish({});
      call.write(std::move(reply));
    }
  }

  NextReply next_;
  int credit_ = 0;
};

class ClientStream final : public Stream {
 public:
  explicit ClientStream(TakeRequest take) : take_(std::move(take)) {}

 private:
  void serve(Call& call, Event& event) override {
    switch (event.type) {
      case Event::Type::kStarted:
        return call.read();
      case Event::Type::kMessage:
        if (Status status = take_(event.request.get(), *call.reply_message()); !status.ok())
          return call.finish(std::move(status));
        return call.read();
      case Event::Type::kHalfClosed:
        return call.finish(take_(nullptr, *call.reply_message()));
      case Event::Type::kCancelled:
        return call.finish(call.cancel_status());
      case Event::Type::kDemand:
        return;
    }
  }

  TakeRequest take_;
};

// Reads the next request when the replies to the last one are in the window: what one request
// makes is all that ever waits.
class BidiStream final : public Stream {
 public:
  explicit BidiStream(TakeAndReply take) : take_(std::move(take)) {}

 private:
  void serve(Call& call, Event& event) override {
    if (event.type == Event::Type::kCancelled) return call.finish(call.cancel_status());
    credit_ += event.credit;
    if (event.type == Event::Type::kMessage) {
      reading_ = false;
      if (Status status = take_(event.request.get(), outbox_); !status.ok()) end_ = status;
    }
    if (event.type == Event::Type::kHalfClosed) end_ = take_(nullptr, outbox_);
    flush(call);
  }

  void flush(Call& call) {
    for (; credit_ > 0 && !outbox_.empty(); --credit_, outbox_.pop_front())
      call.write(std::move(outbox_.front()));
    if (!outbox_.empty()) return;
    if (end_) return call.finish(*end_);
    if (!std::exchange(reading_, true)) call.read();
  }

  TakeAndReply take_;
  Outbox outbox_;
  std::optional<Status> end_;
  int credit_ = 0;
  bool reading_ = false;
};

template <class S, class Begin>
Handler serve(Begin begin) {
  return [begin = std::move(begin)](CallPtr call, Event event) {
    if (event.type == Event::Type::kStarted) {
      call->claim();
      call->keep_alive();
      call->state = std::make_shared<S>(begin(*call));
    }
    // A share of its own: finish() may free what the call holds.
    if (const auto stream = std::static_pointer_cast<S>(call->state))
      stream->post(*call, std::move(event));
  };
}

}  // namespace

Handler serve_server_stream(std::function<NextReply(Call&)> begin) {
  return serve<ServerStream>(std::move(begin));
}

Handler serve_client_stream(std::function<TakeRequest(Call&)> begin) {
  return serve<ClientStream>(std::move(begin));
}

Handler serve_bidi_stream(std::function<TakeAndReply(Call&)> begin) {
  return serve<BidiStream>(std::move(begin));
}

Handler serve_unimplemented() {
  return [](CallPtr call, const Event&) {
    call->finish({Errc::kUnimplemented, "call " + std::string(call->method().path) +
                                            ": the service declares this method, but no handler "
                                            "serves it"});
  };
}

}  // namespace brontes
