// One log event as a line of text or JSON.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/log.hpp>
#include <string>
#include <string_view>

namespace brontes::detail {

struct LogLine {
  LogLevel level;
  std::string_view logger;
  std::string_view line;  ///< "event in words key=value key=\"a value\""
  WallTime time;
};

/// 2026-01-31T12:00:00.250Z WARN  discovery.lease_keeper lease lost lease=7
std::string as_text(const LogLine& line);

/// {"time":"...","level":"warn","logger":"...","event":"lease lost","lease":7}
std::string as_json(const LogLine& line);

/// "lease lost" of "lease lost lease=7"
std::string_view event_of(std::string_view line);

}  // namespace brontes::detail
