#include <algorithm>
#include <brontes/actors/testkit/probe.hpp>
#include <caf/actor_registry.hpp>
#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>
#include <caf/system_messages.hpp>
#include <utility>

namespace brontes::detail {

// No mailbox and no turn of its own: what is sent to it lies in the queue at once.
class ProbeActor final : public caf::monitorable_actor {
 public:
  ProbeActor(caf::actor_config& config, ProbeQueue* queue, std::string name)
      : caf::monitorable_actor(config), queue_(queue), name_(std::move(name)) {}

  const char* name() const override { return name_.c_str(); }
  void disconnect() { queue_ = nullptr; }

  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* context) override {
    if (element->content().match_elements<caf::exit_msg>()) {
      cleanup(std::move(element->content().get_mutable_as<caf::exit_msg>(0).reason), context);
      return;
    }
    if (queue_ == nullptr || getf(is_cleaned_up_flag)) return bounce(element);
    auto arriving = queue_->stage_.filter(ctrl(), std::move(element));
    for (auto& each : arriving) {
      queue_->stage_.note(*ctrl(), *each);
      queue_->arrivals_.push_back({each->move_content_to_message(), std::move(each->sender),
                                   each->mid, ctrl(), &queue_->stage_});
    }
  }

 private:
  ProbeQueue* queue_;
  std::string name_;
};

ProbeQueue::ProbeQueue(Stage& stage, std::string name) : stage_(stage), name_(std::move(name)) {
  auto& system = stage.system().caf();
  caf::actor_config config{system.dummy_execution_unit()};
  self_ = caf::actor_cast<caf::strong_actor_ptr>(caf::make_actor<ProbeActor, caf::actor>(
      system.next_actor_id(), system.node(), &system, config, this, name_));
  stage.own(self_, name_);
}

ProbeQueue::~ProbeQueue() { static_cast<ProbeActor*>(self_->get())->disconnect(); }

std::optional<Arrival> ProbeQueue::take(Matcher matches, const std::string& wanted,
                                        const Location& at) {
  stage_.run(at);
  for (auto i = arrivals_.begin(); i != arrivals_.end(); ++i) {
    if (!matches(i->message)) continue;
    Arrival found = std::move(*i);
    arrivals_.erase(i);
    return found;
  }
  stage_.fail(name_ + " expected " + wanted + " but got " + listing(), at);
  return std::nullopt;
}

bool ProbeQueue::has(Matcher matches, const Location& at) {
  stage_.run(at);
  return std::any_of(arrivals_.begin(), arrivals_.end(),
                     [&](const Arrival& arrival) { return matches(arrival.message); });
}

void ProbeQueue::expect_nothing(const Location& at) {
  stage_.run(at);
  for (const Arrival& arrival : arrivals_) {
    if (arrival.message.empty()) continue;
    stage_.fail(name_ + " expected nothing but got " + listing(), at);
    return;
  }
}

void ProbeQueue::ask(const caf::strong_actor_ptr& to, caf::message message, const Location& at) {
  const auto id = caf::make_message_id(++asked_).with_normal_priority();
  stage_.tell(to, caf::make_mailbox_element(self_, id, {}, std::move(message)), at);
}

std::string ProbeQueue::listing() const {
  std::string out;
  for (const Arrival& arrival : arrivals_)
    out += (out.empty() ? "" : "; ") + describe(arrival.message.content());
  return out.empty() ? "nothing" : out;
}

void answer(const Arrival& arrival, caf::message message, const Location& at) {
  Stage& stage = *arrival.stage;
  if (!arrival.id.is_request() || !arrival.sender) {
    stage.fail("cannot answer " + describe(arrival.message.content()) +
                   ": it was sent, nobody waits for an answer",
               at);
    return;
  }
  stage.tell(
      arrival.sender,
      caf::make_mailbox_element(arrival.probe, arrival.id.response_id(), {}, std::move(message)),
      at);
}

}  // namespace brontes::detail
