// A guard for each key: a breaker for each method, a bulkhead for each tenant.
//
//   auto rooms = PerKey::make("tenants", [&](const std::string& tenant) {
//     return Bulkhead::make(system, "tenant " + tenant, {.max_concurrent = 8});
//   });
//   chain(*rooms).run(f, {.key = tenant});
#pragma once

#include <brontes/actors/resilience/guard.hpp>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace brontes {

/// A guard that asks the one of CallTerms::key, which it makes when the key is first seen. It keeps
/// `max_keys` of them; a new key takes the place of the one that was used longest ago, of those
/// that no call is in. If calls are in all of them the new key shares the guard of the key "",
/// which calls without a key have, too. Thread-safe; finding a guard takes no lock.
class PerKey final : public Guard {
 public:
  using Factory = std::function<Expected<std::shared_ptr<Guard>>(const std::string& key)>;

  /// The factory is asked under a lock, for "" at once. kInvalidArgument: the name is empty,
  /// `max_keys` is not from 1 to 100,000, or the factory refuses "". What it refuses later, refuses
  /// the call.
  template <class Make>
  static Expected<std::shared_ptr<PerKey>> make(std::string name, Make make,
                                                std::size_t max_keys = 1024) {
    return make_with(
        std::move(name),
        [make = std::move(make)](const std::string& key) -> Expected<std::shared_ptr<Guard>> {
          auto guard = make(key);
          if (!guard) return brontes::fail(guard.error());
          return std::shared_ptr<Guard>(std::move(*guard));
        },
        max_keys);
  }
  ~PerKey() override;
  PerKey(const PerKey&) = delete;
  PerKey& operator=(const PerKey&) = delete;

  const std::string& name() const override;
  Entry enter(const CallTerms& terms, bool can_wait, Permit& permit, Status& why) override;
  void wait(const CallTerms& terms, const std::shared_ptr<GuardWaiter>& waiter) override;
  void leave(const Permit& permit, Ending ending) noexcept override;
  /// Of all keys together.
  GuardNumbers numbers() const override;

  /// The guard of that key, made if need be; for state() and forcing.
  Expected<std::shared_ptr<Guard>> of(const std::string& key);

 private:
  struct Room;
  struct State;
  static Expected<std::shared_ptr<PerKey>> make_with(std::string name, Factory factory,
                                                     std::size_t max_keys);
  explicit PerKey(std::unique_ptr<State> state);
  Expected<std::shared_ptr<Room>> room(const std::string& key);

  std::unique_ptr<State> state_;
};

}  // namespace brontes
