// When a breaker opens, and for how long. Take a preset and change what has to be different.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <cstdint>
#include <string_view>
#include <vector>

namespace brontes {

/// Plain values; Breaker::make() refuses what cannot be and names the field.
struct BreakerOptions {
  enum class Rule {
    kConsecutive,  ///< opens after so many failures in a row
    kShare,        ///< opens when so many per cent of the calls in the window fail
    kThrottle,     ///< never opens: refuses a part of the calls, as many as fail
  };
  Rule rule = Rule::kConsecutive;

  std::uint32_t max_consecutive = 5;  ///< kConsecutive: failures in a row; one more opens
  Duration clear_every = {};  ///< kConsecutive: closed, it forgets failures so often; zero: never

  Duration window = std::chrono::seconds(10);  ///< kShare, kThrottle: what is looked at
  std::uint32_t buckets = 10;                  ///< of the window: 1 to 60
  std::uint32_t min_calls = 20;                ///< with fewer calls in the window it stays closed
  std::uint32_t open_at_percent = 50;          ///< kShare: of failures, rounded; 1 to 100
  double throttle_factor = 2;  ///< kThrottle: refuses when calls exceed this times the successes

  Duration open_for = std::chrono::seconds(60);  ///< then probes are let in
  std::uint32_t probes = 1;  ///< let in when half open; it closes when all of them succeed. 1 to 64
  /// A probe that has not ended by then is given up, and another is let in. Zero: as `open_for`.
  Duration probe_timeout = {};

  /// What counts as a failure. Only OK is a success. All other codes are errors of the caller, and
  /// neutral: they neither open it nor close it, nor do they end a row of failures.
  std::vector<Errc> failures = default_failures();

  std::uint64_t seed = 0;  ///< kThrottle: who is refused; 0: at random

  /// UNAVAILABLE, DEADLINE_EXCEEDED, INTERNAL, DATA_LOSS and RESOURCE_EXHAUSTED.
  static std::vector<Errc> default_failures();

  /// As sony/gobreaker: opens on the 6th failure in a row, for 60 s; one probe.
  static BreakerOptions gobreaker() { return {}; }
  /// The same, but opens on the 5th.
  static BreakerOptions strict();
  /// As hystrix: at least 20 calls in 10 s of which 50 % fail; 5 s; one probe each 5 s. The limits
  /// that belong to it (1 s, 10 at a time) are layers of their own: hystrix() in presets.hpp.
  static BreakerOptions hystrix();
  /// As in Google's SRE book, with the window of go-kratos: 3 s, at least 20 calls, factor 2.
  static BreakerOptions sre();

  /// By the name of the function: "gobreaker". kInvalidArgument lists the names.
  static Expected<BreakerOptions> named(std::string_view preset);

  /// kInvalidArgument with the name of the first field that cannot be.
  Status check() const;
};

}  // namespace brontes
