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

struct LoadSummary {
  std::int64_t ok = 0;
  std::int64_t not_made = 0;                   ///< left out: nothing could be reached
  std::map<std::string, std::int64_t> errors;  ///< by code
  std::map<std::string, std::int64_t> share;   ///< calls by instance address
  std::vector<Duration> latencies;             ///< ascending

  /// The smallest latency that `part` (0 to 1) of all calls did not exceed; 0 without calls.
  Duration percentile(double part) const;
};

/// Starts one call.
using StartCall = std::function<std::shared_ptr<UnaryCall>()>;

/// Blocks until all calls have ended, or until one found no instance for its whole deadline: then
/// no more are started. Never has more than `parallel` of them under way.
LoadSummary run_load(const LoadOptions& options, const StartCall& start,
                     const Clock& clock = system_clock());

}  // namespace brontes::cli
