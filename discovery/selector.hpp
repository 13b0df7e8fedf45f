// One instance of a service at a time, for those who dial by themselves: HTTP clients, databases,
// sharded workers. Callers of gRPC want a channel (channel/channel.hpp), which also knows which
// instances answer.
//
//   auto orders = Selector::open(discovery, "discovery:///orders/v1", round_robin());
//   if (!orders) return orders.error();
//   const auto instance = orders->next();
//   if (instance) dial((*instance)->address);
#pragma once

#include <brontes/discovery/discovery.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace brontes {

/// Chooses one of the instances, which are never empty, healthy, and sorted by id; null: none of
/// them. Called by many threads at a time; must not block.
using Strategy = std::function<InstancePtr(const std::vector<InstancePtr>&)>;

/// Each in its turn; the counter is this strategy's own.
Strategy round_robin();
/// Each with the same chance. The same seed chooses the same way.
Strategy random_choice(std::uint64_t seed);
/// Each with a chance in proportion to its weight.
Strategy weighted_choice(std::uint64_t seed);

/// Watches a service and chooses from what is known of it now. Thread-safe; movable. Destroy it
/// before its Discovery.
class Selector {
 public:
  /// Blocks until the state is known, for `patience` at most; a registry that cannot be reached by
  /// then is no error: the selector goes on asking. Errors as of Discovery::subscribe.
  static Expected<Selector> open(Discovery& discovery, std::string_view target,
                                 Strategy strategy = round_robin(),
                                 Duration patience = std::chrono::seconds(2));
  ~Selector();
  Selector(Selector&&) noexcept;
  Selector& operator=(Selector&&) noexcept;

  /// Never blocks, never null. kNotFound: nothing is registered, everything drains, or the strategy
  /// wants none of it. kUnavailable: the registry has not answered yet; the text says why. What is
  /// known stays in use when the registry cannot be reached.
  Expected<InstancePtr> next() const;

 private:
  struct State;
  explicit Selector(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace brontes
