// Functions as handlers: one short form for each kind of method, typed by its tag. What a form
// leaves out (`Call&` everywhere) it does not have to mention.
//
//   unary          Status f(const Request&, Reply&, Call&)
//                  void f(const Request&, Reply<M>), which answers later: reply.hpp
//   server stream  f(const Request&, Call&) -> a callable bool(Reply&): fills the next reply, false
//                  when there is none. Called when the peer wants more. May be Expected<bool>.
//   client stream  f(Call&) -> a callable Status(const Request*, Reply&): once for each request,
//                  then once with nullptr; its last status ends the call.
//   bidi           f(Call&) -> a callable Status(const Request*, Writer<Reply>&): the same, with
//                  any number of replies to each request.
//   any            void(CallPtr, Event): the events themselves, see method.hpp. They may come on
//                  several threads; take care of claim(), keep_alive() and kCancelled.
//
// A function must be callable while const and from many threads at once; what it returns for a
// stream belongs to one call and is never called twice at a time. Exceptions answer INTERNAL.
// An error status from a stream ends it; replies already made go first.
#pragma once

#include <brontes/actors/call/call.hpp>
#include <brontes/actors/call/reply.hpp>
#include <brontes/actors/call/stream_handler.hpp>
#include <type_traits>
#include <utility>
#include <vector>

namespace brontes {

/// Where a bidi handler puts replies. They leave as fast as the peer reads; the next request is
/// read when they have left, so only what one request makes is held.
template <class T>
class Writer {
 public:
  explicit Writer(Outbox& outbox) : outbox_(outbox) {}
  void write(T reply) { outbox_.push_back(std::make_unique<T>(std::move(reply))); }

 private:
  Outbox& outbox_;
};

namespace detail {

// Makes any callable, move-only ones too, fit for std::function. It is called as a T: F or const F.
template <class T, class F>
auto shared_callable(F f) {
  return [f = std::make_shared<T>(std::move(f))]<class... A>(
             A && ... args) -> decltype(auto) requires std::is_invocable_v<T&, A...> {
    return (*f)(std::forward<A>(args)...);
  };
}

// f(args..., call) or f(args...).
template <class F, class... A>
decltype(auto) with_call(F& f, Call& call, A&&... args) {
  if constexpr (std::is_invocable_v<F&, A..., Call&>)
    return f(std::forward<A>(args)..., call);
  else
    return f(std::forward<A>(args)...);
}

template <class F>
auto per_call(F f) {
  return shared_callable<F>(std::move(f));
}

template <class F, class... A>
constexpr bool kTakes = std::is_invocable_v<F&, A..., Call&> || std::is_invocable_v<F&, A...>;

template <class M, class F>
constexpr bool kLater =
    M::kind ==
    Kind::kUnary&& std::is_invocable_v<F&, const typename M::Request&, brontes::Reply<M>>;

template <class F>
constexpr bool kTakesEvents =
    std::is_invocable_v<F&, CallPtr, Event&> || std::is_invocable_v<F&, CallPtr, Event>;

// When it returns, the call has its answer.
template <class M, class F>
constexpr bool kAtOnce = M::kind == Kind::kUnary && !kLater<M, F> && !kTakesEvents<F>;

template <class M, class F>
Handler unary_handler(F f) {
  using Request = typename M::Request;
  using Reply = typename M::Reply;
  static_assert(kTakes<F, const Request&, Reply&>,
                "a unary handler is Status(const Request&, Reply&, Call&) or "
                "void(const Request&, Reply<M>)");
  return [f = std::move(f)](CallPtr call, const Event& event) {
    if (event.type != Event::Type::kStarted) return;
    call->finish(with_call(f, *call, call->request<Request>(), call->reply<Reply>()));
  };
}

template <class M, class F>
Handler server_stream_handler(F f) {
  using Request = typename M::Request;
  using Reply = typename M::Reply;
  static_assert(kTakes<F, const Request&>,
                "a server stream handler is f(const Request&, Call&) -> bool(Reply&)");
  return serve_server_stream([f = std::move(f)](Call& call) -> NextReply {
    return [next = per_call(with_call(f, call, call.request<Request>()))](
               Message& reply) -> Expected<bool> { return next(static_cast<Reply&>(reply)); };
  });
}

template <class M, class F>
Handler client_stream_handler(F f) {
  using Request = typename M::Request;
  using Reply = typename M::Reply;
  static_assert(kTakes<F>, "a client stream handler is f(Call&) -> Status(const Request*, Reply&)");
  return serve_client_stream([f = std::move(f)](Call& call) -> TakeRequest {
    return [take = per_call(with_call(f, call))](const Message* request, Message& reply) {
      return take(static_cast<const Request*>(request), static_cast<Reply&>(reply));
    };
  });
}

template <class M, class F>
Handler bidi_stream_handler(F f) {
  using Request = typename M::Request;
  static_assert(kTakes<F>, "a bidi handler is f(Call&) -> Status(const Request*, Writer<Reply>&)");
  return serve_bidi_stream([f = std::move(f)](Call& call) -> TakeAndReply {
    return [take = per_call(with_call(f, call))](const Message* request, Outbox& outbox) {
      Writer<typename M::Reply> writer(outbox);
      return take(static_cast<const Request*>(request), writer);
    };
  });
}

}  // namespace detail

/// The handler of method M that calls `f` (copyable), in whichever of the forms above `f` has.
template <class M, class F>
Handler make_handler(F f) {
  if constexpr (std::is_invocable_v<F&, CallPtr, Event&>)
    return [f](CallPtr call, Event event) { f(std::move(call), event); };
  else if constexpr (std::is_invocable_v<F&, CallPtr, Event>)
    return f;
  else if constexpr (detail::kLater<M, F>)
    return [f](const CallPtr& call, const Event& event) {
      if (event.type == Event::Type::kCancelled) return call->finish(call->cancel_status());
      if (event.type != Event::Type::kStarted) return;
      call->claim();
      f(call->request<typename M::Request>(), Reply<M>(call));
    };
  else if constexpr (M::kind == Kind::kUnary)
    return detail::unary_handler<M>(std::move(f));
  else if constexpr (M::kind == Kind::kServerStream)
    return detail::server_stream_handler<M>(std::move(f));
  else if constexpr (M::kind == Kind::kClientStream)
    return detail::client_stream_handler<M>(std::move(f));
  else
    return detail::bidi_stream_handler<M>(std::move(f));
}

/// A row for each method of the service, all UNIMPLEMENTED.
template <class... M>
std::vector<Method> unimplemented_rows(MethodList<M...>) {
  return {row<M>(serve_unimplemented())...};
}

/// A service whose handlers are functions; they run on the thread that brought the call, so they
/// must not block. Methods without a handler answer UNIMPLEMENTED. Not thread-safe; a value.
///
///   Functions<GreeterMethods> greeter;
///   greeter.on<GreeterMethods::SayHello>([](const HelloReq& request, HelloReply& reply) {
///     reply.set_message("hello " + request.name());
///     return Status();
///   });
template <class Methods>
class Functions {
 public:
  /// A second handler for the same method replaces the first.
  template <class M, class F>
  Functions& on(F f) {
    Handler handler = make_handler<M>(detail::shared_callable<const F>(std::move(f)));
    for (Method& method : rows_)
      if (method.path == M::path) method.handler = std::move(handler);
    return *this;
  }

  /// For MethodTable::add.
  const std::vector<Method>& rows() const { return rows_; }

 private:
  std::vector<Method> rows_ = unimplemented_rows(typename Methods::All{});
};

}  // namespace brontes
