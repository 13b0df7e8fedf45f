#include <brontes/actors/call/call.hpp>
#include <brontes/runtime/interceptors/deadline.hpp>

namespace brontes {

Status Deadline::on_headers(Call& call) {
  if (call.expired())
    return {Errc::kDeadlineExceeded, "the call arrived after its deadline; it was not served"};
  const bool unlimited = call.deadline() == TimePoint::max();
  if (unlimited && options_.default_timeout > Duration::zero())
    call.limit_deadline(after(call.clock(), options_.default_timeout));
  if (options_.max_timeout > Duration::zero())
    call.limit_deadline(after(call.clock(), options_.max_timeout));
  return {};
}

}  // namespace brontes
