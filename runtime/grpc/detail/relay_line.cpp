#include <grpcpp/channel.h>
#include <brontes/runtime/grpc/detail/relay_line.hpp>

namespace brontes::detail {

void RelayLine::connect(std::shared_ptr<grpc::Channel> channel) {
  const std::lock_guard lock(mutex_);
  channel_ = std::move(channel);
}

void RelayLine::disconnect() { connect(nullptr); }

void RelayLine::run_out() {
  std::unique_lock lock(mutex_);
  const auto calls = calls_;
  lock.unlock();
  for (const auto& call : calls)
    if (const auto running = call.lock()) running->run_out();
  lock.lock();
  empty_.wait(lock, [this] { return calls_.empty(); });
}

std::shared_ptr<grpc::Channel> RelayLine::enter(const std::shared_ptr<Relayed>& call,
                                                Place& place) {
  const std::lock_guard lock(mutex_);
  if (channel_) place = calls_.insert(calls_.end(), call);
  return channel_;
}

void RelayLine::leave(Place place) {
  const std::lock_guard lock(mutex_);
  calls_.erase(place);
  if (calls_.empty()) empty_.notify_all();
}

}  // namespace brontes::detail
