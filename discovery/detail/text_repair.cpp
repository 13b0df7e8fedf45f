#include <algorithm>
#include <brontes/discovery/detail/text_repair.hpp>
#include <charconv>
#include <cstdint>
#include <tuple>
#include <utility>

namespace brontes::detail {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// The length of the well-formed UTF-8 sequence at the start; 0 when there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto follows = [&](std::size_t i, std::uint8_t low = 0x80, std::uint8_t high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const std::uint8_t b = byte(0);
  if (b < 0x80) return 1;
  if (b >= 0xC2 && b <= 0xDF) return follows(1) ? 2 : 0;
  if (b >= 0xE0 && b <= 0xEF) {
    const std::uint8_t low = b == 0xE0 ? 0xA0 : 0x80;
    const std::uint8_t high = b == 0xED ? 0x9F : 0xBF;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (b >= 0xF0 && b <= 0xF4) {
    const std::uint8_t low = b == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = b == 0xF4 ? 0x8F : 0xBF;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

/// The code unit of \uXXXX at the start, or -1.
int code_unit(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return -1;
  unsigned value = 0;
  const char* end = text.data() + 6;
  return std::from_chars(text.data() + 2, end, value, 16).ptr == end ? static_cast<int>(value) : -1;
}

/// What stands for the escape at the start, and how much of the text it takes.
std::pair<std::string_view, std::size_t> escape(std::string_view text) {
  const int unit = code_unit(text);
  if (unit < 0xD800 || unit > 0xDFFF)
    return {text.substr(0, 2), std::min<std::size_t>(2, text.size())};
  const int next = unit < 0xDC00 ? code_unit(text.substr(6)) : -1;
  if (next >= 0xDC00 && next <= 0xDFFF) return {text.substr(0, 12), 12};
  return {kReplacement, 6};
}

}  // namespace

std::string repair_unicode(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    std::string_view piece;
    std::size_t taken = 1;
    if (json[0] == '\\') {
      std::tie(piece, taken) = escape(json);
    } else if (const std::size_t length = sequence_length(json); length > 0) {
      piece = json.substr(0, taken = length);
    } else {
      piece = kReplacement;
    }
    out += piece;
    json.remove_prefix(taken);
  }
  return out;
}

}  // namespace brontes::detail
