// A service with state and no locks: one event at a time, on whatever thread is free.
//
//   class Greeter final : public brontes::ServiceActor {
//    public:
//     Greeter() {
//       on<GreeterMethods::SayHello>([this](const HelloReq& request, HelloReply& reply) {
//         reply.set_message(request.name() + " is guest " + std::to_string(++guests_));
//         return Status();
//       });
//     }
//
//    private:
//     int guests_ = 0;
//   };
//
// host<Greeter, GreeterMethods>() in actor_host.hpp puts it on the stage. docs/calls.md shows the
// forms of handlers; they are those of handlers.hpp, and may be mutable here.
#pragma once

#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/clock.hpp>
#include <brontes/actors/executor.hpp>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>

namespace brontes {

namespace detail {
class Replica;
}

/// Everything in it runs in its own turn: constructor, hooks, handlers, jobs. None may block: the
/// thread may belong to a door. An exception from any of them ends the actor: calls that it had
/// begun answer INTERNAL, calls that still wait UNAVAILABLE, and a new one is made. Its members
/// are destroyed when it ends, whoever still holds an executor of it.
class ServiceActor {
 public:
  ServiceActor(const ServiceActor&) = delete;
  ServiceActor& operator=(const ServiceActor&) = delete;
  virtual ~ServiceActor() = default;

 protected:
  ServiceActor() = default;

  /// In the constructor. Methods of the service without a handler answer UNIMPLEMENTED; a call
  /// whose caller has gone or whose deadline has passed never reaches its handler. When the caller
  /// goes later, the call is finished after the handler has seen kCancelled.
  template <class M, class F>
  void on(F f) {
    auto shared = detail::shared_callable<F>(std::move(f));
    using Shared = decltype(shared);
    handlers_[M::path] = {make_handler<M>(std::move(shared)), detail::kAtOnce<M, Shared>};
  }

  /// From on_start on. The hooks for what lives as long as the actor.
  virtual void on_start() {}
  /// When it is stopped, not when it crashed.
  virtual void on_stop() {}

  /// Posts jobs into this actor's turn, from any thread: for answers of calls that it makes. From
  /// on_start on.
  Executor executor() const;

  /// Runs the job in this actor's turn, not before `delay` has passed, unless the actor has ended.
  /// From on_start on.
  template <class F>
  void after(Duration delay, F job) {
    post_after(delay, detail::shared_callable<F>(std::move(job)));
  }

  /// The time of the actors: virtual in a scenario. From on_start on.
  TimePoint now() const;

 private:
  friend class detail::Replica;

  struct Entry {
    Handler handler;
    bool at_once = false;  // has finished the call when it returns
  };

  void post_after(Duration delay, std::function<void()> job);

  std::unordered_map<std::string_view, Entry> handlers_;
  detail::Replica* replica_ = nullptr;
};

}  // namespace brontes
