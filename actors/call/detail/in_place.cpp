#include <brontes/actors/call/detail/in_place.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

namespace brontes::detail {
namespace {

constexpr std::size_t kMessagesInPlace = 32;  // then the pool takes over: the thread has a door

}  // namespace

// CAF hands an actor over exactly when it was idle. The first one is ours; whom it wakes while it
// runs belongs to the pool.
void InPlace::exec_later(caf::resumable* job) {
  if (std::exchange(taken_, true))
    system().scheduler().enqueue(job);
  else
    job_ = job;
}

void InPlace::run() {
  taken_ = true;
  if (!job_) return;
  if (job_->resume(this, kMessagesInPlace) == caf::resumable::resume_later)
    system().scheduler().enqueue(job_);
  else
    caf::intrusive_ptr_release(job_);
}

}  // namespace brontes::detail
