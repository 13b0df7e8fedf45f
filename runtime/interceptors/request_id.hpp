// Gives every call an id, by which people find its lines in the logs of all services it passed.
#pragma once

#include <brontes/actors/call/interceptor.hpp>

namespace brontes {

/// Takes the caller's `x-request-id` (1 to 128 printable ASCII characters, no space) or makes one,
/// sets Call::request_id() and answers it as a header. Calls made with the context carry it on.
/// Outermost: whatever refuses the call later, the caller learns the id.
class RequestId final : public Interceptor {
 public:
  const char* name() const override { return "request_id"; }
  Status on_headers(Call& call) override;
};

}  // namespace brontes
