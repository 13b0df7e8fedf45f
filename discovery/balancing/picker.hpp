// Who is called next. A load balancer publishes pickers; calls read them on their own thread.
#pragma once

#include <atomic>
#include <brontes/discovery/balancing/endpoint.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace brontes {

struct PickArgs {
  std::string_view path;                        ///< "/package.Service/Method"
  std::span<const Endpoint* const> excluded{};  ///< tried already: not these, please
  std::uint64_t key = 0;  ///< of what keeps calls together (call_key.hpp); 0: nothing does

  bool excludes(const Endpoint* endpoint) const {
    for (const Endpoint* other : excluded)
      if (other == endpoint) return true;
    return false;
  }
};

/// Why there is no endpoint.
enum class NoPick {
  kNone,         ///< there is one
  kNotReady,     ///< no endpoint is READY: Picker::complaint() says more
  kAllExcluded,  ///< every READY one is excluded
};

struct PickResult {
  Endpoint* endpoint = nullptr;  ///< lives as long as the picker; keep it by shared_from_this()
  NoPick why = NoPick::kNone;
};

/// Immutable, thread-safe, never blocks. Picks among the endpoints it was made of, by what their
/// stats() say at that moment; the only state it may touch is a counter.
class Picker {
 public:
  virtual ~Picker() = default;

  virtual PickResult pick(const PickArgs& args) const noexcept = 0;

  /// For the error text of a call that cannot be placed: what was looked for, where, what is there.
  const std::string& complaint() const { return complaint_; }
  /// How many it picks among.
  std::size_t size() const { return candidates_.size(); }
  const std::vector<Candidate>& candidates() const { return candidates_; }

 protected:
  Picker() = default;
  explicit Picker(std::vector<Candidate> candidates, std::string complaint = {})
      : candidates_(std::move(candidates)), complaint_(std::move(complaint)) {}

 private:
  std::vector<Candidate> candidates_;
  std::string complaint_;
};

/// The pick, past endpoints whose connection has ended although the load balancer has not heard it
/// yet (a few milliseconds), however many they are. With none left it is the first one. A pick
/// looks at each endpoint once or twice at most and allocates nothing; the usual one looks at a
/// single one.
PickResult pick_ready(const Picker& picker, const PickArgs& args);

/// Picks nothing: no endpoint is READY.
class EmptyPicker final : public Picker {
 public:
  /// Addresses that calls may wait for; a sample of 16 will do.
  static constexpr std::size_t kHopefuls = 16;

  /// `wanted` is told once, on the thread of the first pick; may be null.
  explicit EmptyPicker(std::string complaint, std::vector<std::string> hopefuls = {},
                       bool connecting = false, std::function<void()> wanted = {})
      : Picker({}, std::move(complaint)),
        hopefuls_(std::move(hopefuls)),
        connecting_(connecting),
        wanted_(std::move(wanted)) {}
  const std::vector<std::string>& hopefuls() const { return hopefuls_; }
  /// Not all of them have failed: it is too early to say that nobody is there.
  bool connecting() const { return connecting_; }
  PickResult pick(const PickArgs&) const noexcept override {
    if (wanted_ && !asked_.exchange(true)) wanted_();
    return {nullptr, NoPick::kNotReady};
  }

 private:
  std::vector<std::string> hopefuls_;
  bool connecting_ = false;
  std::function<void()> wanted_;
  mutable std::atomic<bool> asked_{false};
};

/// Makes the pickers of one channel; keeps what must outlive a single picker. Confined to the load
/// balancer's actor.
class BalancingPolicy {
 public:
  virtual ~BalancingPolicy() = default;
  /// As in settings: "round_robin".
  virtual std::string_view name() const = 0;
  /// Whether weights are to follow the load that servers report (load_report.hpp).
  virtual bool weighs_load() const { return false; }
  /// At least one candidate, all READY, sorted by address.
  virtual std::shared_ptr<const Picker> make_picker(std::vector<Candidate> candidates) = 0;
};

/// A policy whose pickers are P(candidates, kept...): `kept` goes from each picker to the next,
/// such as a std::shared_ptr to a counter.
template <class P, class... Kept>
std::unique_ptr<BalancingPolicy> policy_of(std::string name, Kept... kept) {
  class PolicyOf final : public BalancingPolicy {
   public:
    PolicyOf(std::string name, Kept... kept) : name_(std::move(name)), kept_(std::move(kept)...) {}
    std::string_view name() const override { return name_; }
    std::shared_ptr<const Picker> make_picker(std::vector<Candidate> candidates) override {
      return std::apply(
          [&](const Kept&... kept) {
            return std::make_shared<const P>(std::move(candidates), kept...);
          },
          kept_);
    }

   private:
    const std::string name_;
    const std::tuple<Kept...> kept_;
  };
  return std::make_unique<PolicyOf>(std::move(name), std::move(kept)...);
}

}  // namespace brontes
