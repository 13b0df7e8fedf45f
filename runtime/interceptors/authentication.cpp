#include <strings.h>

#include <algorithm>
#include <brontes/runtime/interceptors/authentication.hpp>
#include <memory>
#include <utility>

namespace brontes {

AuthenticationHook bearer(std::function<Expected<Principal>(std::string_view token)> check) {
  return [check = std::move(check)](const Call& call) -> Expected<Principal> {
    constexpr std::string_view kScheme = "bearer ";
    const std::string value = call.metadata("authorization");
    std::string_view token;
    if (strncasecmp(value.data(), kScheme.data(), kScheme.size()) == 0)
      token = std::string_view(value).substr(
          std::min(value.find_first_not_of(' ', kScheme.size()), value.size()));
    if (token.empty()) return fail(Errc::kUnauthenticated, "the call has no bearer token");
    return check(token);
  };
}

Authentication::Authentication(AuthenticationHook hook) : hook_(std::move(hook)) {}

Status Authentication::on_headers(Call& call) {
  Expected<Principal> who = hook_(call);
  if (!who) return who.error();
  call.set_principal(std::make_shared<const Principal>(std::move(*who)));
  return {};
}

}  // namespace brontes
