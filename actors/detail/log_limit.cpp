#include <algorithm>
#include <brontes/actors/detail/log_limit.hpp>
#include <brontes/actors/detail/log_text.hpp>
#include <utility>

namespace brontes::detail {

LogLimit::Verdict LogLimit::judge(LogLevel level, std::string_view logger, std::string_view line,
                                  TimePoint now) {
  if (level == LogLevel::kDebug) return {};
  std::string key(1, static_cast<char>('0' + static_cast<int>(level)));
  key.append(logger).append(1, ' ').append(event_of(line));
  if (windows_.size() >= kMaxEvents && !windows_.contains(key))
    std::erase_if(windows_, [](auto& w) { return w.second.suppressed == 0; });
  if (windows_.size() >= kMaxEvents && !windows_.contains(key)) windows_.clear();
  Window& window = windows_[key];
  if (window.lines == 0 || now - window.start >= kWindow) {
    window.start = now;
    window.lines = 1;
    return {true, std::exchange(window.suppressed, 0)};
  }
  if (++window.lines <= kBurst) return {};
  ++window.suppressed;
  cut_due_ = std::min(cut_due_, window.start + kWindow);
  return {false, 0};
}

std::vector<LogLimit::Cut> LogLimit::take_cut(TimePoint now) {
  if (now < cut_due_ || windows_.empty()) return {};
  cut_due_ = TimePoint::max();
  std::vector<Cut> all;
  for (auto& [key, window] : windows_) {
    if (window.suppressed == 0) continue;
    if (now - kWindow < window.start) {
      cut_due_ = std::min(cut_due_, window.start + kWindow);
      continue;
    }
    const std::size_t blank = key.find(' ');
    all.push_back({static_cast<LogLevel>(key[0] - '0'), key.substr(1, blank - 1),
                   key.substr(blank + 1), std::exchange(window.suppressed, 0)});
  }
  return all;
}

}  // namespace brontes::detail
