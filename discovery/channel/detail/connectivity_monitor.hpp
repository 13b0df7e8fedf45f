// Turns the connectivity of gRPC channels into calls: one thread and one queue for the process.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/completion_queue.h>

#include <atomic>
#include <brontes/actors/clock.hpp>
#include <brontes/discovery/channel/transport.hpp>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
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
/// deadline, after which it looks whether its owner still lives: a few seconds, or half a minute
/// where there are thousands. Thread-safe.
///
/// A thread that waits on a queue polls the sockets of the whole process, servers' too, and would
/// be woken by the data of everybody's calls (3-6 us each). So it waits only where a connection is
/// being made and nobody calls; otherwise it looks in now and then, and not at all while there is
/// no watch. Whoever picks meanwhile asks the connection (Connection::ready).
class ConnectivityMonitor {
 public:
  /// Made with the first use and never destroyed: it could only end after the last watch.
  static ConnectivityMonitor& process();

  /// Reports every change from kIdle on, for as long as the owner lives.
  void watch(const std::shared_ptr<WatchedChannel>& owner);
  /// A call begins on some channel. A nanosecond.
  void note_call() {
    if (!calling_.load(std::memory_order_relaxed)) calling_.store(true, std::memory_order_relaxed);
  }
  /// To be called before a callback API is used. gRPC ends the threads that run callbacks with the
  /// last channel that used them, and if a callback let go of that one, the thread would join
  /// itself and crash: so from now on there is one more, for ever.
  void keep_callback_threads();

 private:
  ConnectivityMonitor();
  struct Watch;
  void arm(std::unique_ptr<Watch> watch, WatchedChannel& owner);
  void run();
  bool next(void** tag, bool* changed);
  Duration watch_time();
  void settle(Watch& watch, grpc_connectivity_state state);

  std::once_flag callbacks_once_;
  std::shared_ptr<grpc::Channel> callbacks_;
  std::atomic<bool> calling_{false};        // since the monitor looked last
  std::atomic<std::int64_t> watches_{0};    // grows under the mutex
  std::atomic<std::int64_t> unsettled_{0};  // of these, idle or connecting
  std::uint64_t random_ = 1;                // of the jitter; under the mutex
  std::mutex mutex_;
  std::condition_variable watched_;
  grpc::CompletionQueue queue_;
  std::thread thread_;
};

}  // namespace brontes
