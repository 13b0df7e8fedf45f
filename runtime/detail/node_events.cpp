#include <brontes/runtime/detail/node_events.hpp>
#include <utility>

namespace brontes::detail {

void NodeEvents::push(NodeEvent event) {
  const std::lock_guard lock(mutex_);
  events_.push_back(std::move(event));
  changed_.notify_one();
}

NodeEvent NodeEvents::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !events_.empty(); });
  NodeEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}  // namespace brontes::detail
