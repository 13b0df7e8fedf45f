// Calls of other doors to an adopted service: from the method table into the stock handlers, within
// this process.
#pragma once

#include <brontes/actors/call/method.hpp>
#include <memory>
#include <mutex>
#include <utility>

namespace grpc {
class Channel;
}

namespace brontes::detail {

/// The way to the handlers, while there is one. Thread-safe.
class RelayLine {
 public:
  void connect(std::shared_ptr<grpc::Channel> channel) {
    const std::lock_guard lock(mutex_);
    channel_ = std::move(channel);
  }
  void disconnect() { connect(nullptr); }
  std::shared_ptr<grpc::Channel> channel() const {
    const std::lock_guard lock(mutex_);
    return channel_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<grpc::Channel> channel_;
};

/// For a row: hands each call on, with its metadata, deadline and cancellation, and brings headers,
/// replies, trailers and status back. UNAVAILABLE while there is no channel.
Handler relay_handler(std::shared_ptr<RelayLine> line);

}  // namespace brontes::detail
