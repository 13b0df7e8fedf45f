// "Try again after so long", as programs read it.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <string>

namespace brontes::detail {

/// A status whose details are a google.rpc.Status with one google.rpc.RetryInfo.
Status retry_after(Errc code, std::string message, Duration delay);

}  // namespace brontes::detail
