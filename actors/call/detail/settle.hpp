// Lets a deterministic system run.
#pragma once

#include <brontes/actors/system.hpp>

namespace brontes::detail {

/// Runs the actors on this thread until all of them rest; time stands still. False, and nothing
/// happens, in a system with threads.
bool settle(System& system);

}  // namespace brontes::detail
