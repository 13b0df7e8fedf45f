// Numbers as JSON text.
#pragma once

#include <charconv>
#include <cmath>
#include <string>

namespace brontes::detail {

template <class Integer>
void append_integer(Integer value, bool quoted, std::string& out) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  if (quoted) out += '"';
  out.append(digits, end.ptr);
  if (quoted) out += '"';
}

/// The shortest text that reads back as the same number of that type.
template <class Float>
void append_float(Float value, std::string& out) {
  if (!std::isfinite(value)) {
    out += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    return;
  }
  char digits[40];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

}  // namespace brontes::detail
