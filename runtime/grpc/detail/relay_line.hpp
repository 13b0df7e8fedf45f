// The way from other doors to the handlers of an adopted service, and who is on it.
#pragma once

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>

namespace grpc {
class Channel;
}

namespace brontes::detail {

/// A call that is under way between a door and the handlers. Thread-safe.
class Relayed {
 public:
  virtual ~Relayed() = default;
  /// Its server has gone: what is still there is read to the end, though nobody asks for it.
  virtual void run_out() = 0;
};

/// The way to the handlers, while there is one. Thread-safe.
class RelayLine {
 public:
  using Place = std::list<std::weak_ptr<Relayed>>::iterator;

  void connect(std::shared_ptr<grpc::Channel> channel);
  /// No further calls.
  void disconnect();
  /// When the server has gone: blocks until the last call has ended and let go of the channel.
  void run_out();

  /// A call begins. Null: there is no channel. It may use the channel until it calls leave(), once.
  std::shared_ptr<grpc::Channel> enter(const std::shared_ptr<Relayed>& call, Place& place);
  void leave(Place place);

 private:
  std::mutex mutex_;
  std::shared_ptr<grpc::Channel> channel_;
  std::list<std::weak_ptr<Relayed>> calls_;
  std::condition_variable empty_;
};

}  // namespace brontes::detail
