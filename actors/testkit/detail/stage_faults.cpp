#include <brontes/actors/detail/facade.hpp>
#include <brontes/actors/testkit/detail/stage.hpp>
#include <caf/system_messages.hpp>
#include <utility>

namespace brontes::detail {

void Stage::inject(const caf::strong_actor_ptr& to, Fault fault) {
  if (const auto* facade = as_facade(to)) {
    if (const auto incarnation = facade->incarnation()) inject(incarnation, fault);
    return;
  }
  struck_[to->id()] = to;
  rules_[to->id()].push_back({fault, nullptr, now() + fault.delay});
}

// Answers and messages lie in the normal queue; exits and the end of monitored actors in another
// one, which no fault touches.
void Stage::strike_mailbox(caf::scheduled_actor& actor) {
  if (!rules_.contains(actor.id())) return;
  actor.peek_at_next_mailbox_element();  // makes the mailbox sort what came in
  auto& queue =
      std::get<caf::scheduled_actor::normal_queue_index>(actor.mailbox().queue().queues());
  while (rules_.contains(actor.id())) {
    auto* front = queue.peek();
    if (front == nullptr || marks_[front].exempt) return;
    auto arriving = filter(caf::strong_actor_ptr(actor.ctrl()), queue.take_front());
    for (auto& element : arriving) queue.cache().push_back(element.release());
    queue.flush_cache();
  }
}

std::vector<caf::mailbox_element_ptr> Stage::filter(const caf::strong_actor_ptr& to,
                                                    caf::mailbox_element_ptr element) {
  std::vector<caf::mailbox_element_ptr> now_arriving;
  const auto rules = rules_.find(to->id());
  if (rules == rules_.end() || marks_[element.get()].exempt) {
    now_arriving.push_back(std::move(element));
    return now_arriving;
  }
  Rule& rule = rules->second.front();
  if (rule.fault.kind == Fault::Kind::kPause) return stand_still(rules, to, std::move(element));
  bool used_up = --rule.fault.count <= 0;
  switch (rule.fault.kind) {
    case Fault::Kind::kDrop:
      write(*to, *element, " [dropped]");
      break;
    case Fault::Kind::kDelay:
      write(*to, *element, " [delayed]");
      delayed_.emplace(now() + rule.fault.delay, Held{to, std::move(element)});
      break;
    case Fault::Kind::kDuplicate:
      write(*to, *element, " [duplicated]");
      now_arriving.push_back(caf::make_mailbox_element(
          element->sender, element->mid, element->stages, element->copy_content_to_message()));
      now_arriving.push_back(std::move(element));
      break;
    case Fault::Kind::kReorder:
      used_up = rule.waiting != nullptr;
      now_arriving.push_back(std::move(element));
      if (used_up) {
        now_arriving.push_back(std::move(rule.waiting));
      } else {
        write(*to, *now_arriving.back(), " [to be overtaken]");
        rule.waiting = std::move(now_arriving.back());
        now_arriving.pop_back();
      }
      break;
    case Fault::Kind::kCrash:
      write(*to, *element, " [crashes it]");
      crash(to, *element);
      break;
    case Fault::Kind::kPause:
      break;
  }
  if (used_up) rules->second.pop_front();
  if (rules->second.empty()) rules_.erase(rules);
  for (const auto& arriving : now_arriving) marks_[arriving.get()].exempt = true;
  return now_arriving;
}

std::vector<caf::mailbox_element_ptr> Stage::stand_still(Rules::iterator rules,
                                                         const caf::strong_actor_ptr& to,
                                                         caf::mailbox_element_ptr element) {
  const TimePoint until = rules->second.front().until;
  if (now() < until) {
    write(*to, *element, " [paused]");
    delayed_.emplace(until, Held{to, std::move(element)});
    return {};
  }
  rules->second.pop_front();
  if (rules->second.empty()) rules_.erase(rules);
  return filter(to, std::move(element));
}

void Stage::crash(const caf::strong_actor_ptr& to, caf::mailbox_element& element) {
  const caf::error why = to_error({Errc::kInternal, "crash injected by the scenario"});
  if (element.mid.is_request() && element.sender)
    element.sender->enqueue(to, element.mid.response_id(), caf::make_message(why), nullptr);
  to->enqueue(nullptr, caf::make_message_id(caf::message_priority::high),
              caf::make_message(caf::exit_msg{caf::actor_cast<caf::actor_addr>(to), why}), nullptr);
}

void Stage::post(Held held) {
  marks_[held.element.get()].exempt = true;
  held.to->enqueue(std::move(held.element), nullptr);
}

void Stage::release_overtaken() {
  for (auto rules = rules_.begin(); rules != rules_.end();) {
    auto& queue = rules->second;
    const auto id = rules->first;
    ++rules;
    if (queue.empty() || !queue.front().waiting) continue;
    Held held{struck_[id], std::move(queue.front().waiting)};
    queue.pop_front();
    if (queue.empty()) rules_.erase(id);
    post(std::move(held));
  }
}

}  // namespace brontes::detail
