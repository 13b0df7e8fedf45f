#include <brontes/actors/testkit/detail/stage.hpp>
#include <caf/actor_registry.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <cstdio>
#include <utility>

namespace brontes::detail {
namespace {

constexpr std::size_t kJournalLines = 20;
constexpr std::size_t kEndlessSteps = 100'000;

std::string site_text(const Location& at) {
  std::string file = at.file_name();
  file.erase(0, file.rfind('/') + 1);  // npos + 1 is 0
  return file + ":" + std::to_string(at.line());
}

std::string seconds(Duration time) {
  char text[32];
  std::snprintf(text, sizeof text, "%+.6fs", std::chrono::duration<double>(time).count());
  return text;
}

}  // namespace

Stage::Stage()
    : system_({.deterministic = true}),
      scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(system_.caf().scheduler())),
      start_(now()) {}

Stage::~Stage() { close(); }

void Stage::own(caf::strong_actor_ptr actor, std::string name) {
  if (!name.empty()) {
    int count = 1;
    for (const auto& [id, taken] : names_) count += taken == name;
    names_[actor->id()] = count == 1 ? name : name + "-" + std::to_string(count);
  }
  seen_[actor->id()] = caf::actor_cast<caf::actor_addr>(actor);
  owned_.push_back(std::move(actor));
}

void Stage::tell(const caf::strong_actor_ptr& to, caf::mailbox_element_ptr element,
                 const Location& at) {
  marks_[element.get()].site = site_text(at);
  to->enqueue(std::move(element), nullptr);
  run(at);
}

void Stage::run(const Location& at) {
  std::size_t steps = 0;
  for (; !scheduler_.jobs.empty() && steps < kEndlessSteps; ++steps) step();
  if (steps == kEndlessSteps) fail_as_endless("messages", at);
  if (scheduler_.jobs.empty()) marks_.clear();  // no mailbox holds an element with these addresses
}

void Stage::fail_as_endless(const std::string& of_what, const Location& at) {
  if (std::exchange(was_endless_, true)) return;
  fail("the actors never come to rest: a hundred thousand " + of_what + " without time moving", at);
}

void Stage::step() {
  if (auto* actor = dynamic_cast<caf::scheduled_actor*>(scheduler_.jobs.front())) {
    seen_[actor->id()] = actor->address();
    strike_mailbox(*actor);
    if (const auto* next = actor->peek_at_next_mailbox_element()) note(*actor->ctrl(), *next);
  }
  scheduler_.try_run_once();
}

void Stage::advance(Duration by, const Location& at) {
  if (by < Duration::zero())
    fail("time was to advance by " + std::to_string(by.count()) + " ns: it never goes back", at);
  const TimePoint target = now() + by;
  run(at);
  release_overtaken();
  run(at);
  std::size_t timers_of_this_instant = 0;
  while (now() < target) {
    const TimePoint before = now();
    advance_to_next_event(target);
    run(at);
    timers_of_this_instant = now() == before ? timers_of_this_instant + 1 : 0;
    if (timers_of_this_instant == kEndlessSteps) return fail_as_endless("timers", at);
  }
}

void Stage::advance_to_next_event(TimePoint limit) {
  TimePoint next = limit;
  const auto& timers = scheduler_.clock().schedule();
  if (!timers.empty()) next = std::min(next, timers.begin()->first);
  if (!delayed_.empty()) next = std::min(next, delayed_.begin()->first);
  scheduler_.advance_time(std::max(next - now(), Duration::zero()));
  while (!delayed_.empty() && delayed_.begin()->first <= now())
    post(std::move(delayed_.extract(delayed_.begin()).mapped()));
}

void Stage::note(const caf::actor_control_block& to, const caf::mailbox_element& element) {
  if (is_stale_timeout(to, element)) return;
  write(to, element, "");
}

// CAF lets the time-out of a request fire though the answer came: the actor never sees it.
bool Stage::is_stale_timeout(const caf::actor_control_block& to,
                             const caf::mailbox_element& element) {
  if (!element.mid.is_response()) return false;
  const bool first = answered_.emplace(to.id(), element.mid.request_id().integer_value()).second;
  const auto& content = element.content();
  return !first && content.match_elements<caf::error>() &&
         content.get_as<caf::error>(0) == caf::sec::request_timeout;
}

void Stage::write(const caf::actor_control_block& to, const caf::mailbox_element& element,
                  const char* remark) {
  const auto mark = marks_.find(&element);
  const bool ours = mark != marks_.end() && !mark->second.site.empty();
  std::string from = element.sender ? name_of(element.sender.get()) : ours ? "scenario" : "?";
  journal_.push_back({now() - start_, std::move(from), name_of(&to),
                      describe(element.content()) + remark, ours ? mark->second.site : ""});
  if (journal_.size() > kJournalLines) journal_.pop_front();
}

std::string Stage::name_of(const caf::actor_control_block* actor) const {
  if (const auto named = names_.find(actor->id()); named != names_.end()) return named->second;
  const auto* local = dynamic_cast<const caf::monitorable_actor*>(
      caf::actor_cast<caf::abstract_actor*>(const_cast<caf::actor_control_block*>(actor)));
  return (local ? local->name() : "actor") + ("#" + std::to_string(actor->id()));
}

void Stage::fail(const std::string& text, const Location& at) const {
  std::string report = text + "\n  the last messages of the stage:\n";
  for (const Line& line : journal_) {
    report += "    " + seconds(line.time) + "  " + line.from + " -> " + line.to + "  " +
              line.message + (line.site.empty() ? "" : "  (" + line.site + ")") + "\n";
  }
  if (journal_.empty()) report += "    none\n";
  report += "  now " + seconds(now() - start_);
  report_failure(at, report);
}

std::vector<std::string> Stage::still_running() const {
  std::vector<std::string> names;
  for (const auto& [id, address] : seen_) {
    const auto actor = caf::actor_cast<caf::strong_actor_ptr>(address);
    if (actor && !actor->get()->getf(caf::abstract_actor::is_cleaned_up_flag))
      names.push_back(name_of(actor.get()));
  }
  return names;
}

void Stage::close() {
  const Location here = Location::current();
  rules_.clear();
  delayed_.clear();
  // The newest first, as in a scope: an actor may use those that were there before it.
  for (auto actor = owned_.rbegin(); actor != owned_.rend(); ++actor) {
    stop(caf::actor_cast<caf::actor>(*actor));
    run(here);
  }
  scheduler_.clock().cancel_all();
  run(here);
  std::string leaked;
  for (const std::string& name : still_running()) leaked += " " + name;
  if (!leaked.empty()) fail("actors outlive their scenario, nobody stops them:" + leaked, here);
  for (const auto& [id, address] : seen_)
    if (const auto actor = caf::actor_cast<caf::actor>(address))
      caf::anon_send_exit(actor, caf::exit_reason::kill);
  owned_.clear();
  seen_.clear();
  struck_.clear();
  run(here);
  // Never wait for an actor that even a kill did not end.
  system_.caf().await_actors_before_shutdown(false);
}

}  // namespace brontes::detail
