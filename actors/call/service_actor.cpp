#include <brontes/actors/call/detail/replica.hpp>
#include <brontes/actors/call/service_actor.hpp>
#include <stdexcept>

namespace brontes {
namespace {

detail::Replica& on_stage(detail::Replica* replica) {
  if (!replica)
    throw std::logic_error("a service actor has executor, timers and time from on_start on");
  return *replica;
}

}  // namespace

Executor ServiceActor::executor() const { return on_stage(replica_).executor(); }

void ServiceActor::post_after(Duration delay, std::function<void()> job) {
  on_stage(replica_).post_after(delay, std::move(job));
}

TimePoint ServiceActor::now() const { return brontes::now(&on_stage(replica_)); }

}  // namespace brontes
