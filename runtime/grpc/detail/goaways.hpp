// Asking the callers of a server to leave, while it still serves them.
#pragma once

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

 private:
  struct Target;
  std::shared_ptr<Target> target_;
  std::vector<std::unique_ptr<grpc::Alarm>> alarms_;
};

}  // namespace brontes::detail
