// Keeps one event that repeats from drowning all others.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/log.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace brontes::detail {

/// Per level, logger and event: kBurst lines in each kWindow; the first line of the next window
/// tells how many were left out. Debug is not limited. Not thread-safe.
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

 private:
  struct Window {
    TimePoint start{};
    std::uint32_t lines = 0;
    std::uint64_t suppressed = 0;
  };
  std::unordered_map<std::string, Window> windows_;
};

}  // namespace brontes::detail
