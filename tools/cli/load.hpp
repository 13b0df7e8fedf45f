// Many calls, so many at a time, and what came of them.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/discovery/channel/client_call.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace brontes::cli {

struct LoadOptions {
  std::int64_t count = 1;
  std::int64_t parallel = 1;
};

/// How long calls took.
struct Latencies {
  std::vector<Duration> ascending;
  /// The smallest that `part` (0 to 1) of the calls did not exceed; 0 without calls.
  Duration percentile(double part) const;
};

/// The calls that one instance answered, or was the last to fail.
struct InstanceLoad {
  std::int64_t calls = 0, errors = 0;
  Latencies latencies;
};

struct LoadSummary {
  std::int64_t ok = 0;
  std::int64_t not_made = 0;                      ///< left out: nothing could be reached
  std::map<std::string, std::int64_t> errors;     ///< by code
  std::map<std::string, InstanceLoad> instances;  ///< by address
  Latencies latencies;
};

/// Starts one call.
using StartCall = std::function<std::shared_ptr<UnaryCall>()>;

/// Blocks until all calls have ended, or until one found no instance for its whole deadline: then
/// no more are started. Never has more than `parallel` of them under way.
LoadSummary run_load(const LoadOptions& options, const StartCall& start,
                     const Clock& clock = system_clock());

}  // namespace brontes::cli
