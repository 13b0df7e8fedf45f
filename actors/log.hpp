// One line per event: `event key=value ...`, units in the keys. spdlog stays behind this header.
//
//   log_warn("discovery.lease_keeper", "lease lost lease={} gap_ms={}", id, gap.count());
//
// error: a person must act. warn: degraded, heals by itself. info: life cycle, once each. debug:
// per call. Never payloads, tokens or metadata values. Thread-safe; never blocks on a slow disk
// longer than spdlog's own sink does. An event that repeats more than 20 times a second (same
// level, logger and words before the first key) is cut: `suppressed=<count>` on its next line, or
// on one of its own once the second is over. Debug is not cut, nor what is said by log_every.hpp.
#pragma once

#include <spdlog/fmt/fmt.h>
#include <brontes/actors/clock.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace brontes {

enum class LogLevel { kDebug, kInfo, kWarn, kError, kOff };

/// Below this level nothing is formatted. Default: kInfo.
void set_log_level(LogLevel level);
bool log_enabled(LogLevel level);

enum class LogFormat { kText, kJson };
/// Text for people (default), or one JSON object a line: time, level, logger, event and one member
/// per key. Goes to standard error.
void set_log_format(LogFormat format);

/// For tests and embedding: lines go here instead; null restores standard error.
using LogSink = std::function<void(LogLevel, std::string_view logger, std::string_view line)>;
void set_log_sink(LogSink sink);

/// Where times come from; null restores the machine's clocks. The clock must outlive its use.
void set_log_clock(const Clock* clock);

/// Writes everything that is buffered.
void flush_log();

/// `logger` names who speaks, as actors are named: "discovery.lease_keeper".
void log_line(LogLevel level, std::string_view logger, std::string_view line);

template <class... Args>
void log(LogLevel level, std::string_view logger, fmt::format_string<Args...> text,
         Args&&... args) {
  if (log_enabled(level)) log_line(level, logger, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void log_debug(std::string_view logger, fmt::format_string<Args...> text, Args&&... args) {
  log(LogLevel::kDebug, logger, text, std::forward<Args>(args)...);
}
template <class... Args>
void log_info(std::string_view logger, fmt::format_string<Args...> text, Args&&... args) {
  log(LogLevel::kInfo, logger, text, std::forward<Args>(args)...);
}
template <class... Args>
void log_warn(std::string_view logger, fmt::format_string<Args...> text, Args&&... args) {
  log(LogLevel::kWarn, logger, text, std::forward<Args>(args)...);
}
template <class... Args>
void log_error(std::string_view logger, fmt::format_string<Args...> text, Args&&... args) {
  log(LogLevel::kError, logger, text, std::forward<Args>(args)...);
}

}  // namespace brontes
