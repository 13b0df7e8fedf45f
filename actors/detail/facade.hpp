// The address of a supervised actor: stays the same while its incarnations come and go.
#pragma once

#include <atomic>
#include <brontes/actors/caf.hpp>
#include <caf/monitorable_actor.hpp>
#include <mutex>
#include <string>

namespace brontes::detail {

/// No mailbox, no turn of its own: what arrives is put in place into the mailbox of the current
/// incarnation, with the original sender. While there is none, requests are answered kUnavailable
/// and plain messages are counted and dropped; nothing is kept for the next incarnation, whose
/// state would not fit. It ends, for those who monitor it, when its child is given up.
class Facade final : public caf::monitorable_actor {
 public:
  Facade(caf::actor_config& config, std::string name);

  const char* name() const override { return name_.c_str(); }
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* context) override;

  /// Null: there is none just now. False, and nothing changes, once it is closed.
  bool point_to(caf::strong_actor_ptr incarnation);
  caf::strong_actor_ptr incarnation() const;
  /// For ever; idempotent.
  void close(caf::error reason);
  bool closed() const { return closed_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  std::string name_;
  mutable std::mutex pointer_mutex_;
  caf::strong_actor_ptr incarnation_;
  std::atomic<bool> closed_ = false;
  std::atomic<std::uint64_t> dropped_ = 0;
};

caf::strong_actor_ptr make_facade(caf::actor_system& system, std::string name);

/// Null when the actor is none.
Facade* as_facade(const caf::strong_actor_ptr& actor);

}  // namespace brontes::detail
