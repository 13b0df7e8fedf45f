// Scripts real actors under virtual time, in nine words: spawn, probe, tell, expect, reply, fail,
// expect_nothing, advance, inject. The manual with an example is docs/actors.md.
//
//   Scenario stage;
//   auto registry = stage.probe<Registry>("registry");
//   auto keeper = stage.spawn<LeaseKeeperActor>(registry.handle());
//   stage.tell(keeper, Register{instance});
//   registry.expect<GrantLease>().reply(LeaseGranted{LeaseId{7}, 9s});
//   stage.advance(3s);
//   registry.expect<RenewLease>().fail(Errc::kNotFound);
#pragma once

#include <brontes/actors/caf.hpp>
#include <brontes/actors/testkit/fault.hpp>
#include <brontes/actors/testkit/probe.hpp>
#include <brontes/actors/testkit/reporter.hpp>
#include <deque>
#include <memory>
#include <source_location>
#include <string>
#include <utility>

namespace brontes {

/// A deterministic system without threads. Every word first lets the actors run until all of them
/// rest. A failed expectation goes to the reporter with the last messages of the stage; the test
/// goes on. The destructor stops every actor that was spawned, names those that outlive it and
/// never waits. Belongs to one thread.
class Scenario {
 public:
  Scenario();
  ~Scenario();
  Scenario(const Scenario&) = delete;
  Scenario& operator=(const Scenario&) = delete;

  /// Starts an actor of a class; its handle has the type of its interface.
  template <class Actor, class... Args>
  auto spawn(Args&&... args) {
    auto handle = system().caf().spawn<Actor>(std::forward<Args>(args)...);
    stage_->own(caf::actor_cast<caf::strong_actor_ptr>(handle));
    run();
    return handle;
  }

  /// A stand-in for an actor with that interface.
  template <class Handle>
  Probe<Handle> probe(std::string name) {
    probes_.push_back(std::make_shared<detail::ProbeQueue>(*stage_, std::move(name)));
    return Probe<Handle>(probes_.back());
  }

  /// Sends a message from nowhere: an answer is lost. To see the answer, tell it from a probe.
  template <class To, class M>
  void tell(const To& to, M message, std::source_location at = std::source_location::current()) {
    static_assert(caf::response_type<typename To::signatures, M>::valid,
                  "the receiver's interface does not have this message");
    stage_->tell(caf::actor_cast<caf::strong_actor_ptr>(to),
                 caf::make_mailbox_element(nullptr, caf::make_message_id(), {},
                                           caf::make_message(std::move(message))),
                 at);
  }
  template <class Handle, class M>
  void tell(const Probe<Handle>& to, M message,
            std::source_location at = std::source_location::current()) {
    tell(to.handle(), std::move(message), at);
  }

  /// Moves the time from timer to timer and lets everything run at each instant. A time below zero
  /// is a failure, and moves nothing.
  void advance(Duration by, std::source_location at = std::source_location::current());

  /// Lets a fault strike the next messages to an actor or probe.
  template <class To>
  void inject(Fault fault, const To& to) {
    stage_->inject(caf::actor_cast<caf::strong_actor_ptr>(to), fault);
  }
  template <class Handle>
  void inject(Fault fault, const Probe<Handle>& to) {
    inject(fault, to.handle());
  }

  /// Lets the actors run until all of them rest; for what the test started by other means.
  void run(std::source_location at = std::source_location::current());

  /// For code that wants a System; its clock is the virtual one.
  System& system();
  /// Starts a day after TimePoint{}, so that an unset TimePoint is long ago.
  TimePoint now() const;

 private:
  std::unique_ptr<detail::Stage> stage_;
  std::deque<std::shared_ptr<detail::ProbeQueue>> probes_;
};

}  // namespace brontes
