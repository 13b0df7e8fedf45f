// Unary calls with retries, from anywhere: `call<M>(channel, request)`.
//
//   call<GreeterMethods::SayHello>(channel, request, {.parent = call->context()})
//       .then(executor, [](Expected<HelloReply> reply) { ... });   // in an actor: never blocks
//   Expected<HelloReply> reply = call<GreeterMethods::SayHello>(channel, request).wait();
//
// The call starts at once. It goes to a READY endpoint; if there is none it waits for one, up to
// its deadline. If it fails in a way that its RetryPolicy covers it is made again, elsewhere. By
// default a call whose connection dies under it is sent once more on another node: switch that off
// with `retry.max_resends = 0` if the method must not run twice.
#pragma once

#include <brontes/actors/call/call.hpp>
#include <brontes/actors/executor.hpp>
#include <brontes/discovery/channel/channel.hpp>
#include <brontes/discovery/channel/transport.hpp>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace google::protobuf {
class Message;
}

namespace brontes {

struct CallOptions {
  /// For all attempts together; Duration::max(): no end; none: as the method's policy says, 30 s.
  /// Never later than the parent's deadline less ChannelOptions::deadline_margin.
  std::optional<Duration> timeout = {};
  /// What check_metadata() does not take ends the call with kInvalidArgument, unsent.
  MetadataList metadata = {};
  /// The call on whose behalf this one is made: its deadline, its cancellation, its request id and
  /// its trace context travel along. If its caller retries by itself, this one is not.
  CallContext parent = {};
  std::optional<RetryPolicy> retry = {};  ///< none: the method's
  bool idempotent = false;  ///< may run any number of times; as is, if the method's policy says so
  std::string key = {};  ///< calls of one key go together, if the policy cares; "": the channel's
};

/// What happened on the way, for reports and tests.
struct CallFacts {
  std::string address;  ///< of who answered, or was tried last; "" if there was none
  int attempts = 0;     ///< a hedge is one, too
  MetadataList headers, trailers;
};

/// How a call ended, untyped.
struct CallResult {
  Status status;
  std::string body;
  CallFacts facts;
};

/// The machinery of one call. Use ClientCall.
class UnaryCall;
std::shared_ptr<UnaryCall> start_unary_call(const Channel& channel, std::string method,
                                            std::string body, CallOptions options);
/// Runs `done` once, on the thread that ends the call or, if it has ended, on this one.
void on_result(const std::shared_ptr<UnaryCall>& call, std::function<void(const CallResult&)> done);
void cancel(const std::shared_ptr<UnaryCall>& call);

/// A started call. Letting go of it neither cancels the call nor waits for it. Take the answer by
/// one of then, future and wait.
template <class Reply>
class ClientCall {
 public:
  explicit ClientCall(std::shared_ptr<UnaryCall> call) : call_(std::move(call)) {}

  /// `f(Expected<Reply>)`, or `f(Expected<Reply>, CallFacts)`, run by the executor. `f` may be
  /// move-only: it may hold the Reply that it is going to finish.
  template <class F>
  void then(Executor executor, F f) const {
    auto shared = std::make_shared<F>(std::move(f));
    on_result(call_,
              [executor = std::move(executor), f = std::move(shared)](const CallResult& result) {
                executor([f, result] { give(*f, result); });
              });
  }

  std::future<Expected<Reply>> future() const {
    auto promise = std::make_shared<std::promise<Expected<Reply>>>();
    on_result(call_, [promise](const CallResult& result) { promise->set_value(read(result)); });
    return promise->get_future();
  }

  /// Blocks: never in an actor.
  Expected<Reply> wait() const { return future().get(); }

  /// Blocks until the call has ended: how it went.
  CallFacts facts() const {
    std::promise<CallFacts> promise;
    on_result(call_, [&](const CallResult& result) { promise.set_value(result.facts); });
    return promise.get_future().get();
  }

  /// Ends the call with CANCELLED, unless it has ended. Thread-safe.
  void cancel() const { brontes::cancel(call_); }

 private:
  static Expected<Reply> read(const CallResult& result) {
    if (!result.status.ok()) return fail(result.status);
    if constexpr (std::is_same_v<Reply, std::string>) {
      return result.body;
    } else {
      Reply reply;
      if (reply.ParseFromString(result.body)) return reply;
      return fail(Errc::kInternal, "the reply of " + result.facts.address + " is no " +
                                       std::string(reply.GetTypeName()));
    }
  }
  template <class F>
  static void give(F& f, const CallResult& result) {
    if constexpr (std::is_invocable_v<F&, Expected<Reply>, CallFacts>) {
      f(read(result), result.facts);
    } else {
      f(read(result));
    }
  }

  std::shared_ptr<UnaryCall> call_;
};

/// "/pkg.Service/Method" of "pkg.Service/Method", with or without a slash in front, or of "Method"
/// if the channel says of which service; kInvalidArgument otherwise.
Expected<std::string> full_path(const Channel& channel, const std::string& method);

/// Sets the key if it comes from a field of the request.
void take_key(const Channel& channel, std::string_view path,
              const google::protobuf::Message& request, CallOptions& options);

/// Starts the unary method M. Thread-safe, never blocks.
template <class M>
ClientCall<typename M::Reply> call(const Channel& channel, const typename M::Request& request,
                                   CallOptions options = {}) {
  static_assert(M::kind == Kind::kUnary, "streams go through a stock stub on stub_channel()");
  if constexpr (std::is_base_of_v<google::protobuf::Message, typename M::Request>)
    take_key(channel, M::path, request, options);
  return ClientCall<typename M::Reply>(start_unary_call(
      channel, std::string(M::path), request.SerializeAsString(), std::move(options)));
}

/// The same without types: the serialised request in, the serialised reply out. A method is
/// "/pkg.Service/Method", "pkg.Service/Method", or "Method" of ChannelOptions::service.
inline ClientCall<std::string> call_bytes(const Channel& channel, std::string method,
                                          std::string request, CallOptions options = {}) {
  return ClientCall<std::string>(
      start_unary_call(channel, std::move(method), std::move(request), std::move(options)));
}

}  // namespace brontes
