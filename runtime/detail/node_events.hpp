// What Node::run() waits for.
#pragma once

#include <brontes/actors/status.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace brontes::detail {

struct NodeEvent {
  enum class Type { kStarted, kStopped, kSignal, kEscalated };
  Type type;
  int signal = 0;
  Status status;
};

/// Thread-safe.
class NodeEvents {
 public:
  void push(NodeEvent event);
  /// Waits for one.
  NodeEvent next();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<NodeEvent> events_;
};

}  // namespace brontes::detail
