// Who calls? Asked before anything of the request is parsed.
#pragma once

#include <brontes/actors/call/call.hpp>
#include <brontes/actors/call/interceptor.hpp>
#include <brontes/actors/status.hpp>
#include <functional>
#include <string_view>

namespace brontes {

/// Looks at metadata, peer and method of a call. The principal, kept in Call::principal(), or why
/// not: kUnauthenticated (who is that?), kPermissionDenied (known, but not for this), or whatever
/// is the matter. Runs on the thread that brought the call, many at a time: it must be short and
/// must not block. Keys that change are owned by an actor and read from what it publishes
/// (actors/published.hpp). What it throws answers INTERNAL.
using AuthenticationHook = std::function<Expected<Principal>(const Call& call)>;

/// Checks `authorization: Bearer TOKEN`. Without such a token the call is UNAUTHENTICATED, and
/// `check` is not asked.
AuthenticationHook bearer(std::function<Expected<Principal>(std::string_view token)> check);

/// Around every method of the table, unless settings say otherwise (interceptors.authentication).
/// Health and reflection pass no interceptor, so they need no credentials.
class Authentication final : public Interceptor {
 public:
  explicit Authentication(AuthenticationHook hook);
  const char* name() const override { return "authentication"; }
  Status on_headers(Call& call) override;

 private:
  const AuthenticationHook hook_;
};

}  // namespace brontes
