// Asking the callers of a server to leave, while it still serves them.
#pragma once

#include <brontes/actors/clock.hpp>
#include <functional>
#include <memory>
#include <vector>

namespace grpc {
class Alarm;
class Server;
}  // namespace grpc

namespace brontes::detail {

/// Of one started server, which it must not outlive. Not thread-safe.
class Goaways {
 public:
  explicit Goaways(grpc::Server& server);
  ~Goaways();
  Goaways(const Goaways&) = delete;
  Goaways& operator=(const Goaways&) = delete;

  /// GOAWAY on every connection: callers open no new calls on it, those that are there go on. Soon
  /// after it returns. Repeating it is harmless.
  void send();

  /// Closes every connection after `grace`, if `is_idle` says then that nobody calls any more; it
  /// is asked on a thread of gRPC's, and not after the destructor. For connections of peers that do
  /// not answer: gRPC waits for 20 s before it closes those.
  void close_idle(Duration grace, std::function<bool()> is_idle);

 private:
  struct Target;
  std::shared_ptr<Target> target_;
  std::vector<std::unique_ptr<grpc::Alarm>> alarms_;
};

}  // namespace brontes::detail
