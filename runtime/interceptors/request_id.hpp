// Gives every call an id, by which people find its lines in the logs of all services it passed.
#pragma once

#include <brontes/actors/call/interceptor.hpp>

namespace brontes {

/// Takes the caller's `x-request-id` (1 to 128 printable ASCII characters, no space) or makes one,
/// and sets Call::request_id(); calls made with the context carry it on. The caller's own is
/// answered as a header; one that was made is answered when the call fails (as a trailer if the
/// headers have left): a call that went well is not looked for in logs, and each header costs.
/// Outermost: whatever refuses the call later, the caller learns the id.
class RequestId final : public Interceptor {
 public:
  const char* name() const override { return "request_id"; }
  Status on_headers(Call& call) override;
};

}  // namespace brontes
