// The small words of a scenario file: durations, shares, ranges. Errors say what may stand there.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/discovery/testkit/peer_behaviour.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brontes::scenario {

/// What a number stands for: 12, 30%, 250ms.
enum class Unit { kCount, kShare, kTime };

/// What is expected of a number: "0", "30..36%", "3..", "<= 1.2", "< 50ms".
struct Range {
  double low, high;           ///< durations in nanoseconds, shares from 0 to 1
  bool without_high = false;  ///< below it, not at it
  std::string text;           ///< as written
  bool holds(double value) const {
    return value >= low && (without_high ? value < high : value <= high);
  }
};

Expected<Range> parse_range(std::string_view text, Unit unit);
/// A whole number.
Expected<std::uint64_t> parse_count(std::string_view text);
/// "250ms"; not negative.
Expected<Duration> parse_time(std::string_view text);
/// "30%".
Expected<double> parse_share(std::string_view text);
/// "100/s", "0.5/s".
Expected<double> parse_rate(std::string_view text);
/// "10ms" or "5..15ms".
Expected<Latency> parse_latency(std::string_view text);
/// "UNAVAILABLE".
Expected<Errc> parse_code(std::string_view text);
/// "true" or "false".
Expected<bool> parse_bool(std::string_view text);

/// As it is shown: "12", "33.3%", "0.012000s".
std::string show(double value, Unit unit);

/// "a, b, c"
std::string list(const std::vector<std::string>& words);

/// One of a few words.
template <class T>
Expected<T> parse_word(std::string_view text, const std::vector<std::pair<std::string, T>>& words) {
  std::vector<std::string> known;
  for (const auto& [word, value] : words) {
    if (text == word) return value;
    known.push_back(word);
  }
  return fail(Errc::kInvalidArgument, "one of " + list(known));
}

}  // namespace brontes::scenario
