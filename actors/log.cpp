#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <brontes/actors/log.hpp>
#include <memory>
#include <mutex>

namespace brontes {
namespace {

std::atomic<LogLevel> level_now{LogLevel::kInfo};
std::atomic<LogFormat> format_now{LogFormat::kText};

std::mutex sink_mutex;
std::shared_ptr<const LogSink> sink_now;  // null: standard error

constexpr std::array kLevels = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                spdlog::level::err, spdlog::level::off};

// Never destroyed: actors and gRPC's threads may speak until the process is gone.
spdlog::logger& standard_error() {
  static auto* logger = [] {
    auto* made = new spdlog::logger("", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    made->set_level(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

void use_pattern(LogFormat format) {
  standard_error().set_pattern(format == LogFormat::kText
                                   ? "%Y-%m-%dT%H:%M:%S.%e %^%-5l%$ %v"
                                   : R"({"at":"%Y-%m-%dT%H:%M:%S.%e%z",%v})");
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    else
      out += c;
  }
  return out + '"';
}

const char* word(LogLevel level) {
  constexpr std::array kWords = {"debug", "info", "warn", "error", "off"};
  return kWords[static_cast<std::size_t>(level)];
}

std::string shaped(LogLevel level, std::string_view logger, std::string_view line) {
  if (format_now == LogFormat::kText) return fmt::format("{} {}", logger, line);
  return fmt::format(R"("level":"{}","logger":{},"line":{})", word(level), json_text(logger),
                     json_text(line));
}

std::shared_ptr<const LogSink> other_sink() {
  const std::lock_guard lock(sink_mutex);
  return sink_now;
}

}  // namespace

void set_log_level(LogLevel level) { level_now = level; }
bool log_enabled(LogLevel level) { return level >= level_now.load(std::memory_order_relaxed); }

void set_log_format(LogFormat format) {
  format_now = format;
  use_pattern(format);
}

void set_log_sink(LogSink sink) {
  const std::lock_guard lock(sink_mutex);
  sink_now = sink ? std::make_shared<const LogSink>(std::move(sink)) : nullptr;
}

void flush_log() { standard_error().flush(); }

void log_line(LogLevel level, std::string_view logger, std::string_view line) {
  if (const auto sink = other_sink()) return (*sink)(level, logger, line);
  static const bool ready = (use_pattern(format_now), true);
  (void)ready;
  standard_error().log(kLevels[static_cast<std::size_t>(level)], shaped(level, logger, line));
}

}  // namespace brontes
