// Keeps one event that repeats from drowning all others.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/log.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace brontes::detail {

/// Per level, logger and event: kBurst lines in each kWindow. How many were left out is told by the
/// event's next line, or by take_cut(). Debug is not limited. Not thread-safe.
class LogLimit {
 public:
  static constexpr std::uint32_t kBurst = 20;
  static constexpr Duration kWindow = std::chrono::seconds(1);
  static constexpr std::size_t kMaxEvents = 1024;  ///< remembered; all are forgotten beyond

  struct Verdict {
    bool passes = true;
    std::uint64_t suppressed = 0;
  };
  Verdict judge(LogLevel level, std::string_view logger, std::string_view line, TimePoint now);

  /// Lines that were left out and of which nothing was told yet.
  struct Cut {
    LogLevel level;
    std::string logger, event;
    std::uint64_t suppressed;
  };
  /// Of windows that have ended; TimePoint::max(): of all. Cheap while nothing is cut.
  std::vector<Cut> take_cut(TimePoint now);

 private:
  struct Window {
    TimePoint start{};
    std::uint32_t lines = 0;
    std::uint64_t suppressed = 0;
  };
  std::unordered_map<std::string, Window> windows_;
  TimePoint cut_due_ = TimePoint::max();  // when the first window with something cut ends
};

}  // namespace brontes::detail
