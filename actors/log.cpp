#include <brontes/actors/log.hpp>
#include <atomic>
#include <iostream>
#include <mutex>

namespace brontes {
namespace {

std::atomic<LogLevel> level_now{LogLevel::kInfo};

}  // namespace

void set_log_level(LogLevel level) { level_now = level; }
bool log_enabled(LogLevel level) { return level >= level_now.load(std::memory_order_relaxed); }

void log_line(LogLevel, std::string_view logger, std::string_view line) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::cerr << logger << ' ' << line << '\n';
}

}  // namespace brontes
