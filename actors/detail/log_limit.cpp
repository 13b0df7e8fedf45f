#include <brontes/actors/detail/log_limit.hpp>
#include <brontes/actors/detail/log_text.hpp>
#include <utility>

namespace brontes::detail {

LogLimit::Verdict LogLimit::judge(LogLevel level, std::string_view logger, std::string_view line,
                                  TimePoint now) {
  if (level == LogLevel::kDebug) return {};
  std::string key(1, static_cast<char>('0' + static_cast<int>(level)));
  key.append(logger).append(1, ' ').append(event_of(line));
  if (windows_.size() >= kMaxEvents && !windows_.contains(key)) windows_.clear();
  Window& window = windows_[key];
  if (window.lines == 0 || now - window.start >= kWindow) {
    window.start = now;
    window.lines = 1;
    return {true, std::exchange(window.suppressed, 0)};
  }
  if (++window.lines <= kBurst) return {};
  ++window.suppressed;
  return {false, 0};
}

}  // namespace brontes::detail
