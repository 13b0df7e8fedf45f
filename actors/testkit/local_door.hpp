// The third door: calls the methods of a table in this process, without sockets. The same chain,
// the same handlers, the same flow control as through gRPC.
//
//   LocalDoor door(system, table);
//   const auto reply = door.call<GreeterMethods::SayHello>(request);
//
// In a deterministic system everything runs on the calling thread while time stands still; a call
// that needs time is started, then the scenario moves the clock. Otherwise the door blocks.
#pragma once

#include <brontes/actors/call/method_table.hpp>
#include <brontes/actors/call/peer_identity.hpp>
#include <brontes/actors/system.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace brontes {

struct LocalCallOptions {
  /// From now on; Duration::max(): no deadline. When it passes the call is cancelled, as gRPC does.
  Duration timeout = Duration::max();
  /// Keys in lower case.
  std::map<std::string, std::string> metadata = {};
  std::string peer = "local:test";
  /// As if it had been proved by a certificate.
  PeerIdentity peer_identity = {};
  /// False: a reader that takes a reply of a stream only when next_reply() asks for one.
  bool eager = true;
};

namespace detail {
class LocalPeer;
struct LocalTimer;
}  // namespace detail

/// What the caller of one call holds; use LocalCall. Move-only; dropping it cancels the call.
class AnyLocalCall {
 public:
  explicit AnyLocalCall(std::shared_ptr<detail::LocalPeer> peer) : peer_(std::move(peer)) {}
  AnyLocalCall(AnyLocalCall&&) noexcept = default;
  AnyLocalCall& operator=(AnyLocalCall&& other) noexcept {
    std::swap(peer_, other.peer_);
    return *this;
  }
  ~AnyLocalCall();

  /// No more requests. Client streams and bidi.
  void half_close();
  /// The caller leaves.
  void cancel();

  /// Whether the answer is complete, after everything ran that can run now.
  bool finished();
  /// What the server answered; waits for it. In a deterministic system an open call gives
  /// kFailedPrecondition: move the time first.
  Status status();
  /// "" if there is none (yet).
  std::string header(const std::string& key) const;
  std::string trailer(const std::string& key) const;

 protected:
  void send_message(const Message& request);
  std::unique_ptr<Message> take_reply();

 private:
  std::shared_ptr<detail::LocalPeer> peer_;
};

/// One call of method M.
template <class M>
class LocalCall : public AnyLocalCall {
 public:
  using AnyLocalCall::AnyLocalCall;

  /// Client streams and bidi; queued until the handler reads.
  void send(const typename M::Request& request) { send_message(request); }

  /// The next reply in order, also that of a unary call; waits for it. Nothing when the call has
  /// ended, or, in a deterministic system, when no reply is there at this time.
  std::optional<typename M::Reply> next_reply() {
    const std::unique_ptr<Message> reply = take_reply();
    if (!reply) return std::nullopt;
    return std::move(static_cast<typename M::Reply&>(*reply));
  }
};

/// Thread-safe. System and table must outlive the door and its calls.
class LocalDoor {
 public:
  LocalDoor(System& system, const MethodTable& table);
  ~LocalDoor();
  LocalDoor(const LocalDoor&) = delete;
  LocalDoor& operator=(const LocalDoor&) = delete;

  /// A unary call from start to end. A path without a row answers UNIMPLEMENTED.
  template <class M>
  Expected<typename M::Reply> call(const typename M::Request& request,
                                   LocalCallOptions options = {}) {
    static_assert(M::kind == Kind::kUnary, "streams are started: door.start<M>(...)");
    LocalCall<M> call = start<M>(request, std::move(options));
    if (Status status = call.status(); !status.ok()) return fail(std::move(status));
    return *call.next_reply();
  }

  /// Unary and server stream.
  template <class M>
  requires(has_one_request(M::kind)) LocalCall<M> start(const typename M::Request& request,
                                                        LocalCallOptions options = {}) {
    return LocalCall<M>(begin(M::path, &request, std::move(options)));
  }

  /// Client stream and bidi.
  template <class M>
  requires(!has_one_request(M::kind)) LocalCall<M> start(LocalCallOptions options = {}) {
    return LocalCall<M>(begin(M::path, nullptr, std::move(options)));
  }

 private:
  std::shared_ptr<detail::LocalPeer> begin(std::string_view path, const Message* request,
                                           LocalCallOptions options);

  System& system_;
  const MethodTable& table_;
  std::unique_ptr<detail::LocalTimer> timer_;
};

}  // namespace brontes
