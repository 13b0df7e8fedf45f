#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <brontes/actors/detail/log_limit.hpp>
#include <brontes/actors/detail/log_text.hpp>
#include <brontes/actors/log.hpp>
#include <brontes/actors/log_every.hpp>
#include <brontes/actors/log_hold.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace brontes {
namespace {

std::atomic<LogLevel> level_now{LogLevel::kInfo};
std::atomic<LogFormat> format_now{LogFormat::kText};
std::atomic<const Clock*> clock_now{nullptr};

const Clock& log_clock() {
  const Clock* clock = clock_now.load();
  return clock != nullptr ? *clock : system_clock();
}

constexpr std::size_t kMostHeld = 1000;

struct HeldLine {
  LogLevel level;
  std::string text;
};

struct Output {
  Output() {
    stderr_logger.set_pattern("%v");  // what stands in a line is ours: see detail/log_text.hpp
    stderr_logger.set_level(spdlog::level::trace);
    stderr_logger.flush_on(spdlog::level::warn);
  }
  spdlog::logger stderr_logger{"brontes", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  std::mutex mutex;
  std::shared_ptr<const LogSink> sink;        // under the mutex
  detail::LogLimit limit;                     // likewise
  std::optional<std::vector<HeldLine>> held;  // likewise
};

Output& output() {
  static auto& instance = *new Output;  // actors that stop late still log
  return instance;
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    default:
      return spdlog::level::err;
  }
}

// Under the mutex, so that no later line overtakes them.
void write_held() {
  if (!output().held) return;
  for (const HeldLine& line : *output().held)
    output().stderr_logger.log(to_spdlog(line.level), line.text);
  output().held.reset();
}

/// False: it is not held back.
bool hold(LogLevel level, const std::string& text) {
  const std::lock_guard lock(output().mutex);
  auto& held = output().held;
  if (!held) return false;
  held->push_back({level, text});
  if (held->size() == kMostHeld) write_held();
  return true;
}

void write(LogLevel level, std::string_view logger, const std::string& text) {
  std::shared_ptr<const LogSink> sink;
  {
    const std::lock_guard lock(output().mutex);
    sink = output().sink;
  }
  if (sink) return (*sink)(level, logger, text);
  const detail::LogLine parts{level, logger, text, log_clock().wall()};
  const std::string whole =
      format_now == LogFormat::kJson ? detail::as_json(parts) : detail::as_text(parts);
  if (!hold(level, whole)) output().stderr_logger.log(to_spdlog(level), whole);
}

std::string with_suppressed(std::string_view line, std::uint64_t count) {
  std::string text(line);
  if (count > 0) text += " suppressed=" + std::to_string(count);
  return text;
}

/// What was cut, of windows that have ended at that time.
void tell_cut(TimePoint now) {
  std::vector<detail::LogLimit::Cut> all;
  {
    const std::lock_guard lock(output().mutex);
    all = output().limit.take_cut(now);
  }
  for (const auto& cut : all)
    write(cut.level, cut.logger, with_suppressed(cut.event, cut.suppressed));
}

}  // namespace

void hold_log() {
  const std::lock_guard lock(output().mutex);
  if (!output().held) output().held.emplace();
}

void release_log() {
  const std::lock_guard lock(output().mutex);
  write_held();
}

void drop_held_log() {
  const std::lock_guard lock(output().mutex);
  output().held.reset();
}

void set_log_level(LogLevel level) { level_now = level; }
bool log_enabled(LogLevel level) { return level >= level_now.load(std::memory_order_relaxed); }
void set_log_format(LogFormat format) { format_now = format; }
void set_log_clock(const Clock* clock) { clock_now = clock; }

void set_log_sink(LogSink sink) {
  auto wanted = sink ? std::make_shared<const LogSink>(std::move(sink)) : nullptr;
  const std::lock_guard lock(output().mutex);
  output().sink.swap(wanted);
}

void flush_log() {
  tell_cut(TimePoint::max());
  output().stderr_logger.flush();
}

void log_line(LogLevel level, std::string_view logger, std::string_view line) {
  if (level == LogLevel::kOff) return;
  const TimePoint now = log_clock().now();
  detail::LogLimit::Verdict verdict;
  {
    const std::lock_guard lock(output().mutex);
    verdict = output().limit.judge(level, logger, line, now);
  }
  if (verdict.passes) write(level, logger, with_suppressed(line, verdict.suppressed));
  tell_cut(now);
}

void log_every_line(LogLevel level, std::string_view logger, std::string_view line) {
  if (level != LogLevel::kOff) write(level, logger, std::string(line));
}

}  // namespace brontes
