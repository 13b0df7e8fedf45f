// What can go wrong on the way to an actor, for Scenario::inject.
#pragma once

#include <brontes/actors/clock.hpp>

namespace brontes {

/// A value. Strikes the next messages to one actor, requests and answers alike, then is used up.
/// Several faults on one actor strike one after the other, in the order of their injection.
struct Fault {
  enum class Kind { kDrop, kDelay, kDuplicate, kReorder, kCrash, kPause };
  Kind kind = Kind::kDrop;
  int count = 1;     ///< of messages
  Duration delay{};  ///< kDelay and kPause only

  /// The messages are lost without a trace; who asked runs into its time-out.
  static Fault drop(int count = 1) { return {Kind::kDrop, count, {}}; }
  /// They arrive `delay` later; what is sent meanwhile overtakes them.
  static Fault delayed(Duration delay, int count = 1) { return {Kind::kDelay, count, delay}; }
  /// The actor stands still for so long, as in a process that was stopped: what arrives meanwhile,
  /// ticks too, arrives at the end, in order.
  static Fault pause(Duration length) { return {Kind::kPause, 1, length}; }
  /// They arrive twice, back to back.
  static Fault duplicate(int count = 1) { return {Kind::kDuplicate, count, {}}; }
  /// The next message waits until another one has overtaken it, or until time moves.
  static Fault reorder() { return {Kind::kReorder, 1, {}}; }
  /// The actor dies of the next message, as if its handler had thrown: the message is lost, who
  /// asked gets kInternal, who monitors the actor learns the reason.
  static Fault crash() { return {Kind::kCrash, 1, {}}; }
};

}  // namespace brontes
