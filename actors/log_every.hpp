// Lines of which none is ever left out: those that somebody counts on, one by one. A phase of the
// life cycle, the line of a call, an incident whose id a caller holds.
//
//   log_every(LogLevel::kError, "call", "call failed method={} incident={}", path, id);
//
// Everything else may repeat without end and belongs to log(), which cuts what repeats.
#pragma once

#include <brontes/actors/log.hpp>

namespace brontes {

/// As log_line(), uncut.
void log_every_line(LogLevel level, std::string_view logger, std::string_view line);

template <class... Args>
void log_every(LogLevel level, std::string_view logger, fmt::format_string<Args...> text,
               Args&&... args) {
  if (log_enabled(level))
    log_every_line(level, logger, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace brontes
