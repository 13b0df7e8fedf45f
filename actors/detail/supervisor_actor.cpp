#include <algorithm>
#include <brontes/actors/detail/supervisor_actor.hpp>
#include <brontes/actors/log.hpp>
#include <utility>

namespace brontes::detail {

SupervisorHandle::behavior_type SupervisorActor::make_behavior() {
  on_down(this, [this](const caf::actor_addr& who, const caf::error& why) { ended(who, why); });
  return {
      [this](const AdoptChild& message) { adopt(message.child); },
      [this](const RestartChild& message) { restart(*message.child); },
      [this](const ChildResumed& message) { resumed(message); },
      [this](const ChildGaveUp& message) { crashed(*message.child, message.why); },
      [this](const StartAll&) { start_all(); },
      [this](const StopAll& message) {
        gave_up_ = true;
        for_good_ = message.for_good;
        stop_children();
      },
  };
}

void SupervisorActor::on_exit() {
  for_good_ = true;
  stop_children();
  children_.clear();
}

void SupervisorActor::adopt(const ChildPtr& child) {
  child->index = children_.size();
  children_.push_back(child);
  child->started = brontes::now(this);
  report(*child, ChildState::kRunning);
  if (gave_up_) return stop_child(*child, state_when_stopped());
  if (child->incarnation)
    monitor(caf::actor_cast<caf::actor>(child->incarnation));
  else if (child->facade)
    crashed(*child, Status(child->health.last_error));
  else
    monitor(caf::actor_cast<caf::actor>(child->nested));
}

ChildPtr SupervisorActor::find(const caf::actor_addr& who) const {
  for (const ChildPtr& child : children_)
    for (const auto& actor : {child->incarnation, child->nested})
      if (actor && caf::actor_cast<caf::actor_addr>(actor) == who) return child;
  return nullptr;
}

void SupervisorActor::ended(const caf::actor_addr& who, const caf::error& why) {
  const ChildPtr child = find(who);
  if (!child) return;                           // stopped by us before
  if (std::exchange(child->nested, nullptr)) {  // its owner has ended it
    child->spawn = nullptr;
    child->halt = nullptr;
    return report(*child, ChildState::kStopped);
  }
  child->incarnation = nullptr;
  if (why && why != caf::exit_reason::user_shutdown) return crashed(*child, to_status(why));
  as_facade(child->facade)->close(why);
  report(*child, ChildState::kStopped);
}

void SupervisorActor::crashed(Child& child, Status why) {
  if (child.health.state == ChildState::kStopped) return;
  child.health.last_error = why;
  if (child.facade) as_facade(child.facade)->point_to(nullptr);
  if (child.options.on_crash == OnCrash::kStop) {
    log_error(name_, "child stopped child={} cause=\"{}\"", child.options.name, why.to_string());
    if (child.facade) as_facade(child.facade)->close(to_error(why));
    return report(child, ChildState::kStopped);
  }
  if (!budget_left(child)) return give_up(child, why);
  if (brontes::now(this) - child.started >= child.options.stable) child.backoff.reset();
  const Duration pause = child.backoff.next();
  log_warn(name_, "child crashed child={} restart_in_ms={} cause=\"{}\"", child.options.name,
           std::chrono::duration_cast<std::chrono::milliseconds>(pause).count(), why.to_string());
  report(child, ChildState::kRestarting);
  send_after(this, SupervisorHandle(this), pause, RestartChild{children_[child.index]});
}

void SupervisorActor::resumed(const ChildResumed& message) {
  const auto child = std::find_if(children_.begin(), children_.end(), [&](const ChildPtr& each) {
    return each->rails == message.rails;
  });
  if (child == children_.end() || (*child)->health.state != ChildState::kRunning) return;
  (*child)->health.last_error = message.why;
  ++(*child)->health.resumes;
  log_warn(name_, "child resumed child={} cause=\"{}\"", (*child)->options.name,
           message.why.to_string());
  report(**child, ChildState::kRunning);
  if (!budget_left(**child)) give_up(**child, message.why);
}

void SupervisorActor::restart(Child& child) {
  if (gave_up_ || child.health.state != ChildState::kRestarting) return;
  if (child.facade && as_facade(child.facade)->closed()) return report(child, ChildState::kStopped);
  try {
    child.incarnation = child.spawn(system());
  } catch (...) {
    return crashed(child, describe_exception(std::current_exception()));
  }
  if (child.facade && !as_facade(child.facade)->point_to(child.incarnation)) {
    brontes::stop(caf::actor_cast<caf::actor>(std::exchange(child.incarnation, nullptr)));
    return report(child, ChildState::kStopped);  // stopped by its handle in the meantime
  }
  child.started = brontes::now(this);
  ++child.health.restarts;
  report(child, ChildState::kRunning);
  if (!child.incarnation) return;
  monitor(caf::actor_cast<caf::actor>(child.incarnation));
}

void SupervisorActor::start_all() {
  gave_up_ = false;
  for (const ChildPtr& child : children_) {
    child->crashes.clear();
    child->backoff.reset();
    restart(*child);
  }
}

bool SupervisorActor::budget_left(Child& child) {
  const TimePoint now = brontes::now(this);
  auto& crashes = child.crashes;
  while (!crashes.empty() && now - crashes.front() >= child.options.window) crashes.pop_front();
  crashes.push_back(now);
  return crashes.size() <= static_cast<std::size_t>(std::max(child.options.max_crashes, 0));
}

void SupervisorActor::give_up(Child& child, const Status& why) {
  const Status cause(why.code(), "supervisor " + name_ + " gives up: child " + child.options.name +
                                     " crashed " + std::to_string(child.crashes.size()) +
                                     " times, last cause: " + why.message());
  log_error(name_, "supervisor gave up child={} crashes={} cause=\"{}\"", child.options.name,
            child.crashes.size(), why.to_string());
  gave_up_ = true;
  for_good_ = board_->is_root;
  stop_children();
  tell_owner(board_->on_escalation, cause);
}

ChildState SupervisorActor::state_when_stopped() const {
  return gave_up_ && !for_good_ ? ChildState::kRestarting : ChildState::kStopped;
}

void SupervisorActor::stop_children() {
  for (auto child = children_.rbegin(); child != children_.rend(); ++child)
    if ((*child)->health.state != ChildState::kStopped) stop_child(**child, state_when_stopped());
}

void SupervisorActor::stop_child(Child& child, ChildState state) {
  if (child.facade && state == ChildState::kStopped)
    as_facade(child.facade)->close(caf::exit_reason::user_shutdown);
  else if (child.facade)
    as_facade(child.facade)->point_to(nullptr);
  if (child.halt) child.halt(state == ChildState::kStopped);
  if (const auto incarnation = std::exchange(child.incarnation, nullptr))
    brontes::stop(caf::actor_cast<caf::actor>(incarnation));
  report(child, state);
}

void SupervisorActor::report(Child& child, ChildState state) {
  child.health.state = state;
  {
    const std::lock_guard lock(board_->children_mutex);
    board_->children.resize(std::max(board_->children.size(), child.index + 1));
    board_->children[child.index] = child.health;
  }
  tell_owner(board_->on_health, child.health);
}

template <class Callback, class What>
void SupervisorActor::tell_owner(const Callback& callback, const What& what) {
  const std::lock_guard lock(board_->callback_mutex);
  try {
    if (callback) callback(what);
  } catch (...) {
    log_error(name_, "callback threw; the supervisor goes on cause=\"{}\"",
              describe_exception(std::current_exception()).message());
  }
}

}  // namespace brontes::detail
