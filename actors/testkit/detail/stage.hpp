// The untyped half of a scenario: the deterministic system, its faults and its journal.
#pragma once

#include <brontes/actors/caf.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/actors/testkit/fault.hpp>
#include <brontes/actors/testkit/reporter.hpp>
#include <deque>
#include <map>
#include <set>
#include <source_location>
#include <string>
#include <vector>

namespace caf::scheduler {
class test_coordinator;
}

namespace brontes::detail {

using Location = std::source_location;

/// Belongs to the thread of the test.
class Stage {
 public:
  Stage();
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  System& system() { return system_; }
  TimePoint now() const { return system_.clock().now(); }

  /// Stopped when the stage closes; named in the journal.
  void own(caf::strong_actor_ptr actor, std::string name = {});
  void tell(const caf::strong_actor_ptr& to, caf::mailbox_element_ptr element, const Location& at);
  void run(const Location& at);
  void advance(Duration by, const Location& at);
  void inject(const caf::strong_actor_ptr& to, Fault fault);
  /// Stops what it owns, names what remains. Idempotent.
  void close();

  /// What of a message arrives now, in order. Faults keep, lose and copy.
  std::vector<caf::mailbox_element_ptr> filter(const caf::strong_actor_ptr& to,
                                               caf::mailbox_element_ptr element);
  /// Writes into the journal that a message arrived.
  void note(const caf::actor_control_block& to, const caf::mailbox_element& element);

  /// Reports the text together with the last messages of the stage.
  void fail(const std::string& text, const Location& at) const;
  std::string name_of(const caf::actor_control_block* actor) const;

 private:
  struct Line {
    Duration time;
    std::string from, to, message, site;
  };
  struct Mark {
    bool exempt = false;  ///< was struck already
    std::string site;     ///< where the test sent it
  };
  struct Rule {
    Fault fault;
    caf::mailbox_element_ptr waiting;  ///< kReorder
    TimePoint until{};                 ///< kPause
  };
  struct Held {
    caf::strong_actor_ptr to;
    caf::mailbox_element_ptr element;
  };

  void step();
  void fail_as_endless(const std::string& of_what, const Location& at);
  bool is_stale_timeout(const caf::actor_control_block& to, const caf::mailbox_element& element);
  void strike_mailbox(caf::scheduled_actor& actor);
  void crash(const caf::strong_actor_ptr& to, caf::mailbox_element& element);
  using Rules = std::map<caf::actor_id, std::deque<Rule>>;
  std::vector<caf::mailbox_element_ptr> stand_still(Rules::iterator rules,
                                                    const caf::strong_actor_ptr& to,
                                                    caf::mailbox_element_ptr element);
  void post(Held held);
  void release_overtaken();
  void advance_to_next_event(TimePoint limit);
  std::vector<std::string> still_running() const;
  void write(const caf::actor_control_block& to, const caf::mailbox_element& element,
             const char* remark);

  System system_;
  caf::scheduler::test_coordinator& scheduler_;
  TimePoint start_;
  bool was_endless_ = false;  ///< is reported once
  std::deque<Line> journal_;
  std::map<caf::actor_id, std::string> names_;
  std::map<caf::actor_id, caf::actor_addr> seen_;
  std::vector<caf::strong_actor_ptr> owned_;
  Rules rules_;
  std::map<caf::actor_id, caf::strong_actor_ptr> struck_;
  std::map<const caf::mailbox_element*, Mark> marks_;
  std::set<std::pair<caf::actor_id, std::uint64_t>> answered_;  ///< requests, by who asked
  std::multimap<TimePoint, Held> delayed_;
};

/// "GrantLease" for brontes::GrantLease.
std::string type_name(const std::type_info& type);
/// The types of the message's elements; errors by their text.
std::string describe(const caf::type_erased_tuple& message);

}  // namespace brontes::detail
