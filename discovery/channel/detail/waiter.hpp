// A call that cannot go on now: what the load balancer keeps for it and tells it.
#pragma once

#include <brontes/actors/status.hpp>

namespace brontes {

/// Confined to who keeps it, who calls resume or give_up once and then lets go of it; letting go
/// of it untold is a way of giving up, too.
class Waiter {
 public:
  virtual ~Waiter() = default;
  /// An endpoint is READY and the delay, if any, is over.
  virtual void resume() = 0;
  /// It will not come to that in time.
  virtual void give_up(Status why) = 0;
  /// Nobody waits for the call any more: the place can be given to another.
  virtual bool abandoned() const = 0;
};

}  // namespace brontes
