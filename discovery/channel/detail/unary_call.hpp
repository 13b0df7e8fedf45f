// One unary call through all of its attempts.
//
//            pick: READY             OK, or no retry left
//   start --------------> in flight ----------------------> finished
//     |                    |     ^                              ^
//     | pick: nothing      |     | resume()                     |
//     v                    v     |                              |
//    waiting at the load balancer ----- give_up(), cancel() ----+
#pragma once

#include <brontes/discovery/channel/client_call.hpp>
#include <brontes/discovery/channel/detail/channel_core.hpp>
#include <brontes/discovery/channel/detail/waiter.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace brontes {

/// Thread-safe. Kept alive by whatever it waits for; answered even if that is lost.
class UnaryCall final : public std::enable_shared_from_this<UnaryCall> {
 public:
  UnaryCall(std::shared_ptr<ChannelCore> core, std::string path, std::string body,
            CallOptions options);

  void start();
  void cancel();
  void on_result(std::function<void(const CallResult&)> done);

  void resume() { attempt(); }
  void give_up(Status why);
  bool finished() const;

 private:
  void attempt();
  bool place(bool only_fresh);
  void launch(const EndpointPtr& endpoint);
  UnaryRequest request(int made) const;
  void landed(const EndpointPtr& endpoint, UnaryReply reply);
  bool worth_retrying(const UnaryReply& reply) const;
  void retry(const UnaryReply& reply);
  void wait(TimePoint not_before);
  void finish(Status status, UnaryReply reply = {});

  const std::shared_ptr<ChannelCore> core_;
  const std::string path_;
  const std::shared_ptr<const std::string> body_;
  const CallOptions options_;
  const RetryPolicy retry_;
  const TimePoint deadline_;
  const std::uint64_t key_;
  Cancellation::Subscription parent_;

  // The steps follow each other, each on its own thread.
  std::uint64_t random_;
  int resends_ = 0;
  std::vector<const Endpoint*> tried_;
  std::vector<EndpointPtr>
      tried_alive_;  // so that no other endpoint gets the address of a tried one
  Status last_;      // of the last attempt

  mutable std::mutex mutex_;  // guards what follows: cancel() and on_result() come at any time
  bool finished_ = false;
  int attempts_ = 0;
  std::shared_ptr<UnaryAttempt> in_flight_;
  CallResult result_;
  std::vector<std::function<void(const CallResult&)>> listeners_;
};

}  // namespace brontes
