// The untyped half of a probe.
#pragma once

#include <brontes/actors/caf.hpp>
#include <brontes/actors/testkit/detail/stage.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <utility>

namespace brontes::detail {

class ProbeActor;

/// A message as it came in.
struct Arrival {
  caf::message message;
  caf::strong_actor_ptr sender;
  caf::message_id id;
  caf::strong_actor_ptr probe;
  Stage* stage = nullptr;
};

/// Answers a request once more or for the first time; fails if it was none.
void answer(const Arrival& arrival, caf::message message, const Location& at);

/// What a probe has not expected yet. Lives as long as the stage.
class ProbeQueue {
 public:
  ProbeQueue(Stage& stage, std::string name);
  ~ProbeQueue();
  ProbeQueue(const ProbeQueue&) = delete;
  ProbeQueue& operator=(const ProbeQueue&) = delete;

  const caf::strong_actor_ptr& self() const { return self_; }
  using Matcher = bool (*)(const caf::message&);
  std::optional<Arrival> take(Matcher matches, const std::string& wanted, const Location& at);
  bool has(Matcher matches, const Location& at);
  void expect_nothing(const Location& at);
  void ask(const caf::strong_actor_ptr& to, caf::message message, const Location& at);

 private:
  friend class ProbeActor;
  std::string listing() const;

  Stage& stage_;
  std::string name_;
  caf::strong_actor_ptr self_;
  std::uint64_t asked_ = 0;
  std::deque<Arrival> arrivals_;
};

}  // namespace brontes::detail
