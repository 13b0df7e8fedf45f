// Stands between gRPC and the reactors of a callback service. gRPC swallows what a reaction throws
// and loses count of the call, which then never ends; out of OnCancel and OnDone an exception ends
// the process; and of a method that throws it says no more than of one that nobody implements.
#pragma once

#include <grpcpp/impl/rpc_service_method.h>
#include <brontes/actors/call/method.hpp>

#include <string>

namespace brontes::detail {

/// Learns what happens in a reactor. Outlives its last reaction. Thread-safe.
class ReactionWatch {
 public:
  /// The method itself threw: there is no reactor.
  virtual void method_threw(std::string text) = 0;

  /// The reactor lives on and sees its other reactions, OnDone last.
  virtual void reaction_threw(const std::string& text) = 0;

  /// Before OnReadDone(true), the message is there. False: the reactor is to see OnReadDone(false).
  virtual bool lets_in() = 0;

  /// After that OnReadDone(false).
  virtual void kept_out() = 0;

 protected:
  ~ReactionWatch() = default;
};

/// While it lives, the methods that this thread starts are those of one call.
class ReactionScope {
 public:
  explicit ReactionScope(ReactionWatch& watch);
  ~ReactionScope();
  ReactionScope(const ReactionScope&) = delete;
  ReactionScope& operator=(const ReactionScope&) = delete;

 private:
  ReactionWatch* const before_;
};

/// Changes the handler of a callback method: its calls have guards. Without a scope they have none.
void guard_reactions(grpc::internal::MethodHandler& handler, Kind kind);

}  // namespace brontes::detail
