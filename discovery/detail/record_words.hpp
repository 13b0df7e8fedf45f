// How the words of a record compare, and which of them have one spelling.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace brontes::detail {

/// In ASCII's letters.
inline bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

inline std::string protocol_name(const std::string& text) {
  if (same_letters(text, "grpc")) return "GRPC";
  return same_letters(text, "http") ? "HTTP" : text;
}

}  // namespace brontes::detail
