// One request on its way through interceptors and handler, the same for every door.
#pragma once

#include <algorithm>
#include <atomic>
#include <brontes/actors/call/cancellation.hpp>
#include <brontes/actors/call/interceptor.hpp>
#include <brontes/actors/call/method.hpp>
#include <brontes/actors/call/peer_identity.hpp>
#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace brontes {

class Call;
class MethodTable;

/// The duty to answer. When the last one goes and the call is unanswered, the call fails: INTERNAL
/// if a handler had begun, UNAVAILABLE (which callers may retry) if not.
class CallPtr {
 public:
  CallPtr() = default;
  explicit CallPtr(Call* call);
  CallPtr(const CallPtr& other) : CallPtr(other.call_) {}
  CallPtr(CallPtr&& other) noexcept : call_(std::exchange(other.call_, nullptr)) {}
  CallPtr& operator=(CallPtr other) noexcept {
    std::swap(call_, other.call_);
    return *this;
  }
  ~CallPtr();

  Call* operator->() const { return call_; }
  Call& operator*() const { return *call_; }
  Call* get() const { return call_; }
  explicit operator bool() const { return call_ != nullptr; }

 private:
  Call* call_ = nullptr;
};

/// Who calls, as far as an interceptor has made sure of it. A value.
struct Principal {
  std::string name = {};                           ///< goes to the access log: no secrets
  std::map<std::string, std::string> claims = {};  ///< whatever else is known: roles, tenant
};

/// What a call hands on to the calls made on its behalf. A copyable value.
struct CallContext {
  TimePoint deadline = TimePoint::max();
  std::string request_id = {};  ///< metadata `x-request-id`
  std::string traceparent =
      {};  ///< W3C trace context, metadata of the same name; "" if none is valid
  std::string tracestate = {};
  std::shared_ptr<Cancellation> cancellation = {};  ///< may be null: nothing cancels
  std::shared_ptr<const Principal> principal = {};  ///< may be null. Never sent by itself
  /// Metadata `x-retry-owner`: if the call fails, somebody further out makes it again.
  bool retry_owned = false;
};

/// Keeps calls that a handler has begun, and is told when one is answered. Thread-safe.
class CallHolder {
 public:
  virtual ~CallHolder() = default;
  virtual void let_go(Call& call) = 0;
};

/// What a call does with a message at its end: nothing, if it was lent.
struct OwnedOrLent {
  bool lent = false;
  void operator()(Message* message) const {
    if (!lent) delete message;
  }
};

/// Facts may be read by any thread. Answering (headers, trailers, write, finish) is for one thread
/// at a time, the handler's.
class Call {
 public:
  /// Server streams: replies that may wait for the peer. write() refuses beyond.
  static constexpr int kWindow = 16;

  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Facts. Those that come from the door are empty after finish(), the connection may be gone,
  // except in on_done.
  const Method& method() const { return method_; }
  const Clock& clock() const { return clock_; }
  /// First value under that lower-case key, or "".
  std::string metadata(std::string_view key) const;
  /// Every key and value, in order of arrival (through gRPC: in order of the keys); values of
  /// "-bin" keys are bytes.
  std::vector<std::pair<std::string, std::string>> all_metadata() const;
  /// The peer's own address, "ipv4:10.0.0.7:51234": of its socket, whatever `x-forwarded-for` says.
  std::string peer() const;
  /// What the peer's certificate says; empty unless the door speaks mutual TLS.
  PeerIdentity peer_identity() const;
  /// TimePoint::max(): none.
  TimePoint deadline() const { return deadline_.load(std::memory_order_relaxed); }
  bool expired() const {
    const TimePoint at = deadline();
    return at != TimePoint::max() && at <= clock_.now();
  }
  bool cancelled() const { return cancelled_.load(std::memory_order_acquire); }
  bool finished() const { return finished_.load(std::memory_order_acquire); }
  /// "" until an interceptor sets it. Metadata `x-request-id`.
  const std::string& request_id() const { return request_id_; }
  /// Null unless authentication set it.
  const std::shared_ptr<const Principal>& principal() const { return principal_; }
  /// For calls made on behalf of this one.
  CallContext context();

  /// The request of a unary or server stream call.
  template <class T>
  const T& request() const {
    return static_cast<const T&>(*request_);
  }
  /// The one reply of a unary or client stream call, sent by finish() with an OK status.
  template <class T>
  T& reply() {
    return static_cast<T&>(*reply_);
  }
  const Message* request_message() const { return request_.get(); }
  Message* reply_message() { return reply_.get(); }

  // Answering. Headers and trailers that may not travel (metadata.hpp) are left out and logged.
  void add_header(const std::string& key, const std::string& value);
  void add_trailer(const std::string& key, const std::string& value);
  /// Sends the headers now; otherwise they leave with the first reply.
  void send_headers();
  /// Client streams: asks for one message. One at a time.
  void read();
  /// Server streams: queues one reply. False beyond the window and after finish(): nothing is sent.
  bool write(std::unique_ptr<Message> reply);
  /// Once; later ones are ignored. Queued replies go first.
  void finish(Status status);
  /// Finishes with INTERNAL and an incident id; the cause goes to the log under that id only.
  void fail(std::string_view cause);
  /// DEADLINE_EXCEEDED if that is why the call was cancelled, CANCELLED otherwise.
  Status cancel_status() const;

  // For interceptors, in on_headers only.
  /// An id that was `made` here is news to the caller: a call that fails answers it.
  void set_request_id(std::string id, bool made = false) {
    request_id_ = std::move(id);
    request_id_made_ = made;
  }
  void set_principal(std::shared_ptr<const Principal> who) { principal_ = std::move(who); }
  /// Brings the deadline forward; never moves it back. The door does not look at it again: whoever
  /// calls this sees to cancel() then, as interceptors/deadline.hpp does.
  void limit_deadline(TimePoint latest) { deadline_ = std::min(deadline(), latest); }
  /// Nobody waits any more: the peer left, or the deadline passed. The handler sees kCancelled and
  /// finishes the call. Any thread, but not after on_done.
  void cancel();

  // For handlers.
  /// Marks that a handler has begun: from here on a dropped call is INTERNAL.
  void claim() { claimed_ = true; }
  bool claimed() const { return claimed_; }
  /// Holds the call until finish(), for handlers that keep no CallPtr.
  void keep_alive() { keep_alive_ = CallPtr(this); }
  /// Before the handler runs: finish() will tell the holder.
  void hold_in(std::shared_ptr<CallHolder> holder) { holder_ = std::move(holder); }
  /// The handler's own, for one call.
  std::shared_ptr<void> state;
  /// Which replica of a service actor serves it.
  std::size_t route = 0;

 protected:
  Call(const Method& method, const MethodTable& table, TimePoint deadline);
  virtual ~Call();

  // The door's part. Called from any thread, one write and one read at a time.
  virtual std::string door_metadata(std::string_view key) const = 0;
  virtual std::vector<std::pair<std::string, std::string>> door_all_metadata() const = 0;
  virtual std::string door_peer() const = 0;
  virtual PeerIdentity door_peer_identity() const { return {}; }
  virtual void door_header(const std::string& key, const std::string& value) = 0;
  virtual void door_trailer(const std::string& key, const std::string& value) = 0;
  /// Unary and server stream: fills the request.
  virtual Status door_parse(Message& request) = 0;
  virtual void door_send_headers() = 0;
  virtual void door_read() = 0;
  virtual void door_write(const Message& reply) = 0;   ///< answer with written()
  virtual void door_finish(const Status& status) = 0;  ///< answer with complete()
  /// Let go of the connection: handles may outlive it.
  virtual void door_closed() {}

  // What a door calls.
  /// Runs interceptors, parses, runs the handler.
  void start();
  /// Hands an event to the handler, unless the call is finished.
  void emit(Event event);
  void written(bool ok);
  /// For doors that keep the messages of a stream to themselves: a request on its way to the
  /// handler, shown to the chain. Anything but OK is to end the call; a throw is INTERNAL.
  Status show(const Message& request);
  /// The same for a reply that has left.
  void sent(const Message& reply) noexcept;
  /// The last thing a door does with the call.
  void complete(bool delivered);

  /// A door that has the request already lends it before start(), and takes it back with reset().
  std::unique_ptr<Message, OwnedOrLent> request_;
  std::unique_ptr<Message> reply_;

 private:
  friend class CallPtr;

  template <class F>
  void guarded(F step);
  Status admit();
  Status receive(const Message& request);
  Status incident(std::string_view cause) const;
  bool has_door() const;
  bool may_send(const std::string& key, const std::string& value) const;
  void tell_request_id();
  void acquire();
  void release();
  void release_memory();

  const Method& method_;
  const Chain& chain_;
  const Clock& clock_;
  std::atomic<TimePoint> deadline_;  // limited by interceptors while a cancel may look at it
  const TimePoint born_;
  std::string request_id_;
  bool request_id_made_ = false;
  std::shared_ptr<const Principal> principal_;
  // Two counters: with one, "the last handle went" and "the door is done" would race.
  std::atomic<int> handles_{0};
  std::atomic<int> memory_{1};  // one for the door, one for each handle
  std::atomic<bool> finished_{false}, cancelled_{false}, headers_sent_{false}, claimed_{false};
  std::atomic<std::thread::id> completing_{};  // the thread that runs on_done
  std::size_t entered_ = 0;                    // interceptors whose on_headers has begun
  Status status_;
  CallPtr keep_alive_;
  std::shared_ptr<CallHolder> holder_;
  std::mutex mutex_;  // guards what follows, and headers and trailers against finish()
  std::shared_ptr<Cancellation> cancellation_;
  std::list<std::unique_ptr<Message>> queue_;  // server streams: the front one is being written
  int credit_ = kWindow, freed_ = 0;
  bool started_ = false, writing_ = false, finishing_ = false;
};

inline CallPtr::CallPtr(Call* call) : call_(call) {
  if (call_) call_->acquire();
}
inline CallPtr::~CallPtr() {
  if (call_) call_->release();
}
inline void Call::acquire() {
  handles_.fetch_add(1, std::memory_order_relaxed);
  memory_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace brontes
