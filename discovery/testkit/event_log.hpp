// What happened in a world, line by line with its virtual time, and one number for all of it.
#pragma once

#include <brontes/actors/clock.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace brontes {

/// Two runs with the same hash saw the same things at the same times. Lines hold names, whole
/// numbers and virtual times only: no address, no thread, no wall clock. Not thread-safe.
class EventLog {
 public:
  /// Adds "+1.234567s TEXT"; `at` is the time since the world began.
  void add(Duration at, std::string_view text);

  /// The newest ones, kLines at most.
  const std::deque<std::string>& lines() const { return lines_; }
  /// Of all lines, kept or not.
  std::uint64_t count() const { return count_; }
  /// FNV-1a, 64 bits, of all lines, each with its newline; 16 hex digits.
  std::string hash() const;

  static constexpr std::size_t kLines = 200'000;

 private:
  std::deque<std::string> lines_;
  std::uint64_t count_ = 0;
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

/// "1.234567s": six digits, whatever the locale; what is finer is cut off.
std::string in_seconds(Duration time);

}  // namespace brontes
