// One unary call through all of its attempts.
//
//            pick: READY             an answer, or no retry left
//   start --------------> in flight ----------------------------> finished
//     |                    |  |  ^                                    ^
//     | pick: nothing      |  |  | resume()                           |
//     |                    |  |  |                                    |
//     |                    |  +--+- hedge(): one more in flight       |
//     v                    v     |                                    |
//    waiting at the load balancer -------- give_up(), cancel() -------+
#pragma once

#include <array>
#include <bitset>
#include <brontes/discovery/channel/client_call.hpp>
#include <brontes/discovery/channel/detail/call_plan.hpp>
#include <brontes/discovery/channel/detail/channel_core.hpp>
#include <brontes/discovery/channel/detail/waiter.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace brontes {

/// Thread-safe. Kept alive by whatever it waits for; answered even if that is lost.
class UnaryCall final : public std::enable_shared_from_this<UnaryCall> {
 public:
  UnaryCall(std::shared_ptr<ChannelCore> core, std::string method, std::string body,
            CallOptions options);

  void start();
  void cancel();
  void on_result(std::function<void(const CallResult&)> done);

  void resume() { attempt(); }
  void give_up(Status why);
  /// It has taken long: one more attempt, elsewhere, beside the one that is in flight. If that is
  /// not allowed now it is asked again, when it has taken twice as long.
  void hedge();
  bool finished() const;

 private:
  struct Flight {
    int number = 0;  // of the attempt, from 1; 0: no flight
    EndpointPtr endpoint;
    std::shared_ptr<UnaryAttempt> attempt;  // null while it starts
    TimePoint began = TimePoint::min();     // known only if it says when to hedge
  };
  using Flights = std::array<Flight, 2>;
  struct Found {
    EndpointPtr endpoint;
    NoPick why = NoPick::kNone;
  };
  using Finder = PickResult (*)(const Picker&, const PickArgs&);

  void attempt();
  Found find(Finder finder) const;
  bool is_hedgeable() const;
  void hedge_later();
  EndpointPtr find_for_hedge(std::span<const Endpoint* const> excluded) const;
  EndpointPtr in_flight_alone() const;
  Flight* take_off(const EndpointPtr& endpoint, bool as_hedge);
  void launch(const EndpointPtr& endpoint, bool as_hedge = false);
  void landed(int number, UnaryReply reply);
  Flight take_landed(int number, bool worth_repeating, bool& is_last);
  void learn(const Flight& flight, const UnaryReply& reply, bool worth_repeating);
  void retry(UnaryReply reply);
  void wait(TimePoint not_before);
  void fail(Status why);
  void finish(UnaryReply reply);
  void abandon(const Flights& losers, bool answered);

  const std::shared_ptr<ChannelCore> core_;
  const CallPlan plan_;
  Cancellation::Subscription parent_;

  // Of whoever takes the next step: has landed the last attempt in flight, or was resumed.
  std::uint64_t random_;
  int resends_ = 0;
  UnaryReply last_;  // the failure that is to be mended

  Duration patience_{};  // of the next look whether to hedge; of whoever looks

  mutable std::mutex mutex_;  // guards what follows
  bool finished_ = false;
  int attempts_ = 0;
  int hedge_ = 0;  // the number of the attempt that was one
  Flights flights_;
  std::bitset<RetryPolicy::kMostAttempts + 2> landed_;  // by number; a hedge is one more
  // Read without the lock by whoever takes the next step.
  std::vector<const Endpoint*> tried_;
  std::vector<EndpointPtr>
      tried_alive_;  // so that no other endpoint gets the address of a tried one
  CallResult result_;
  std::vector<std::function<void(const CallResult&)>> listeners_;
};

}  // namespace brontes
