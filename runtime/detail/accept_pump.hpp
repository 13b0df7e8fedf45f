// The listener's own thread: an Asio loop that accepts.
#pragma once

#include <brontes/runtime/detail/connection_ledger.hpp>
#include <brontes/runtime/detail/tcp_bind.hpp>
#include <brontes/runtime/listener.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace brontes::detail {

/// Thread-safe, but for the destructor, which stops and joins: not on its own thread.
class AcceptPump {
 public:
  struct Start {
    UniqueFd socket;  ///< listens already
    ListenerOptions options;
    std::shared_ptr<ConnectionLedger> ledger;
    std::function<void()> ended;  ///< on its thread, when nobody is adopted any more
  };

  explicit AcceptPump(Start start);
  ~AcceptPump();
  AcceptPump(const AcceptPump&) = delete;
  AcceptPump& operator=(const AcceptPump&) = delete;

  /// Takes no new connection, but hands those over that are on their way: half of `grace` for
  /// handshakes to end, then the listening socket closes; the rest for the first bytes of what is
  /// undecided. Returns at once; the first call counts.
  void finish(Duration grace);
  /// Without grace. Returns at once; idempotent.
  void stop();
  /// Returns when the thread has ended: soon, after stop(). Idempotent, for one thread at a time.
  void join();

 private:
  struct Loop;
  void run(Start start);

  std::mutex mutex_;
  Loop* loop_ = nullptr;  // null before the thread runs and after it has ended
  bool stopped_ = false;
  std::optional<Duration> grace_;  // finish() was called
  std::thread thread_;
};

}  // namespace brontes::detail
