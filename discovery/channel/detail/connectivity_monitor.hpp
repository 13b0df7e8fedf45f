// Turns the connectivity of gRPC channels into calls: one thread and one queue for the process.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/completion_queue.h>

#include <brontes/actors/clock.hpp>
#include <brontes/discovery/channel/transport.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

namespace brontes {

/// What a watch watches; the monitor holds it weakly.
class WatchedChannel {
 public:
  virtual ~WatchedChannel() = default;
  virtual grpc::Channel& channel() = 0;
  /// On the monitor's thread. May be told the same state twice when another one was in between.
  virtual void on_state(Connectivity state) = 0;
};

/// gRPC has no way to end a state watch, and a watch keeps its channel alive: so each has a finite
/// deadline, after which it looks whether its owner still lives. Thread-safe.
class ConnectivityMonitor {
 public:
  /// Made with the first use and never destroyed: it could only end after the last watch.
  static ConnectivityMonitor& process();

  /// Reports every change from kIdle on, for as long as the owner lives.
  void watch(const std::shared_ptr<WatchedChannel>& owner);

 private:
  ConnectivityMonitor();
  struct Watch;
  void arm(std::unique_ptr<Watch> watch, WatchedChannel& owner);
  void run();
  void keep_callback_threads();

  std::shared_ptr<grpc::Channel> callbacks_;
  grpc::CompletionQueue queue_;
  std::thread thread_;
};

}  // namespace brontes
