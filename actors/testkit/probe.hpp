// A probe stands where an actor would: it records what it is sent and answers as the test says.
#pragma once

#include <brontes/actors/caf.hpp>
#include <brontes/actors/testkit/detail/probe_actor.hpp>
#include <memory>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace brontes {

/// What a request without a reply value is answered with: `probe.expect<Done>()`. It need not be
/// expected: expect_nothing() overlooks it.
struct Done {};

/// A message that a probe got. Use it while the scenario lives.
template <class M, class Handle>
class Received {
 public:
  Received(std::optional<detail::Arrival> arrival, M message)
      : arrival_(std::move(arrival)), message_(std::move(message)) {}

  const M* operator->() const { return &message_; }
  const M& operator*() const { return message_; }

  /// Answers the request. The answer must be the one that the probe's interface promises for M.
  template <class Reply>
  void reply(Reply value, std::source_location at = std::source_location::current()) {
    static_assert(promises<Reply>(), "the interface promises another reply to this message");
    answer(caf::make_message(std::move(value)), at);
  }
  /// Answers a request that has no reply value.
  void reply(std::source_location at = std::source_location::current()) {
    answer(caf::make_message(), at);
  }
  /// Answers with an error.
  void fail(Errc code, std::string text = "failed by the scenario",
            std::source_location at = std::source_location::current()) {
    answer(caf::make_message(to_error({code, std::move(text)})), at);
  }

 private:
  template <class Reply>
  static constexpr bool promises() {
    using Promise = caf::response_type<typename Handle::signatures, M>;
    if constexpr (Promise::valid)
      return std::is_same_v<typename Promise::type, caf::detail::type_list<Reply>>;
    return false;
  }
  void answer(caf::message message, std::source_location at) {
    if (arrival_) detail::answer(*arrival_, std::move(message), at);
  }

  std::optional<detail::Arrival> arrival_;  ///< none: the expectation failed
  M message_;
};

/// A copyable reference to a test double for any actor of type `Handle`, an Interface<...>. Made by
/// Scenario::probe. Messages that were not expected stay queued, in order.
template <class Handle>
class Probe {
 public:
  explicit Probe(std::shared_ptr<detail::ProbeQueue> queue) : queue_(std::move(queue)) {}

  /// What the actors under test are given.
  Handle handle() const { return caf::actor_cast<Handle>(queue_->self()); }
  operator Handle() const { return handle(); }  // NOLINT: a probe is an actor to its peers

  /// The oldest M that was not expected yet: a message, an answer to tell(), a Status (an error
  /// answer) or Done. Fails when there is none; what it returns then is a default M.
  template <class M>
  Received<M, Handle> expect(std::source_location at = std::source_location::current()) {
    auto arrival = queue_->take(matches<M>, detail::type_name(typeid(M)), at);
    M message = arrival ? content<M>(arrival->message) : blank<M>();
    return {std::move(arrival), std::move(message)};
  }

  /// Whether expect<M>() would find one; for helpers of tests that take what comes.
  template <class M>
  bool has(std::source_location at = std::source_location::current()) {
    return queue_->has(matches<M>, at);
  }

  /// Fails when something is there that was not expected.
  void expect_nothing(std::source_location at = std::source_location::current()) {
    queue_->expect_nothing(at);
  }

  /// Asks as this probe: the answer arrives here, to be expected. `to` sees a request without a
  /// time-out.
  template <class To, class M>
  void tell(const To& to, M message, std::source_location at = std::source_location::current()) {
    static_assert(caf::response_type<typename To::signatures, M>::valid,
                  "the receiver's interface does not have this message");
    queue_->ask(caf::actor_cast<caf::strong_actor_ptr>(to), caf::make_message(std::move(message)),
                at);
  }

 private:
  template <class M>
  static bool matches(const caf::message& message) {
    if constexpr (std::is_same_v<M, Status>) return message.match_elements<caf::error>();
    if constexpr (std::is_same_v<M, Done>) return message.empty();
    return message.match_elements<M>();
  }
  template <class M>
  static M content(const caf::message& message) {
    if constexpr (std::is_same_v<M, Status>)
      return to_status(message.get_as<caf::error>(0));
    else if constexpr (std::is_same_v<M, Done>)
      return {};
    else
      return message.get_as<M>(0);
  }
  template <class M>
  static M blank() {
    if constexpr (std::is_default_constructible_v<M>)
      return M{};
    else
      throw std::logic_error("expected message is missing and cannot be made up");
  }

  std::shared_ptr<detail::ProbeQueue> queue_;
};

}  // namespace brontes
