// Where a continuation runs: in the turn of an actor, on a pool, on this thread.
#pragma once

#include <functional>

namespace brontes {

/// Runs the job some time, on whatever it stands for; thread-safe, never blocks. A job for an actor
/// that has ended is dropped.
using Executor = std::function<void(std::function<void()> job)>;

}  // namespace brontes
