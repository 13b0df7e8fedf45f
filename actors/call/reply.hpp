// A unary reply that is given later.
#pragma once

#include <brontes/actors/call/call.hpp>
#include <exception>
#include <utility>

namespace brontes {

/// The promise to answer one call of method M; move-only. Dropping it unfinished fails the call
/// with INTERNAL, unless the caller has gone: then dropping it ends the call, and finishing does
/// nothing. `call().cancelled()` says so, and `call().context().cancellation` tells listeners. May
/// be finished on any thread, by one at a time.
template <class M>
class Reply {
 public:
  explicit Reply(CallPtr call) : call_(std::move(call)) {}
  Reply(Reply&& other) noexcept = default;
  Reply& operator=(Reply&& other) noexcept {
    std::swap(call_, other.call_);
    return *this;
  }
  ~Reply() {
    if (!call_ || call_->finished()) return;
    if (call_->cancelled())  // who is told of it first, the holder or the row, is up to threads
      call_->finish(call_->cancel_status());
    else if (std::uncaught_exceptions() == 0)  // else whoever catches the exception knows the cause
      call_->fail("the handler dropped its Reply unfinished");
  }

  /// The message that will be sent; not after finish().
  typename M::Reply* operator->() { return &call_->reply<typename M::Reply>(); }
  typename M::Reply& operator*() { return call_->reply<typename M::Reply>(); }
  Call& call() { return *call_; }

  /// Sends the message, or the status alone if it is not OK.
  void finish(Status status = {}) {
    if (const CallPtr call = std::move(call_)) call->finish(std::move(status));
  }

 private:
  CallPtr call_;
};

}  // namespace brontes
