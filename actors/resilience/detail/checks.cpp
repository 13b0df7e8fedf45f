#include <spdlog/fmt/fmt.h>
#include <brontes/actors/resilience/detail/checks.hpp>

namespace brontes::detail {

Status within(std::string_view field, double value, double least, double most) {
  if (value >= least && value <= most) return {};
  return {Errc::kInvalidArgument,
          fmt::format("{}: {} is not from {} to {}", field, value, least, most)};
}

Status within(std::string_view field, Duration value, Duration least, Duration most) {
  if (value >= least && value <= most) return {};
  return {Errc::kInvalidArgument, fmt::format("{}: {} is not from {} to {}", field, in_words(value),
                                              in_words(least), in_words(most))};
}

std::string in_words(Duration time) {
  const double seconds = std::chrono::duration<double>(time).count();
  if (seconds == 0 || seconds >= 1 || seconds <= -1) return fmt::format("{} s", seconds);
  return fmt::format("{} ms", seconds * 1000);
}

}  // namespace brontes::detail
