// Others' code in the turn of an actor that has more to do in it.
#pragma once

#include <brontes/actors/log.hpp>
#include <exception>

namespace brontes::detail {

/// What it throws goes to the log.
template <class F>
void run_guarded(const char* logger, F&& f) {
  try {
    f();
  } catch (const std::exception& error) {
    log_error(logger, "callback threw what=\"{}\"", error.what());
  } catch (...) {
    log_error(logger, "callback threw what=\"{}\"", "no std::exception");
  }
}

}  // namespace brontes::detail
