#include <algorithm>
#include <brontes/gateway/detail/json_scalar.hpp>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace brontes::detail {
namespace {

std::size_t digits(std::string_view text) {
  return std::min(text.find_first_not_of("0123456789"), text.size());
}

struct Decimal {
  bool negative = false;
  std::string digits;  // without leading and trailing zeros
  long exponent = 0;   // of ten, to be multiplied with
};

// The text is a number of JSON.
Decimal decimal(std::string_view text) {
  Decimal value;
  value.negative = text.front() == '-';
  if (value.negative) text.remove_prefix(1);
  const auto whole = digits(text);
  value.digits = text.substr(0, whole);
  text.remove_prefix(whole);
  if (!text.empty() && text.front() == '.') {
    const auto fraction = digits(text.substr(1));
    value.digits += text.substr(1, fraction);
    value.exponent -= static_cast<long>(fraction);
    text.remove_prefix(1 + fraction);
  }
  if (!text.empty()) {
    const bool plus = text.substr(1, 1) == "+";
    long exponent = 0;
    const auto end =
        std::from_chars(text.data() + (plus ? 2 : 1), text.data() + text.size(), exponent);
    // Beyond a long nothing but zero is left of any number; the sum must not overflow.
    constexpr long kFar = 1'000'000'000;
    if (end.ec != std::errc()) exponent = text.substr(1, 1) == "-" ? -kFar : kFar;
    value.exponent += std::clamp(exponent, -kFar, kFar);
  }
  const auto last = value.digits.find_last_not_of('0');
  value.exponent += static_cast<long>(value.digits.size() - 1 - (last + 1 == 0 ? 0 : last));
  value.digits.resize(last + 1);
  value.digits.erase(0, std::min(value.digits.find_first_not_of('0'), value.digits.size()));
  return value;
}

// The magnitude; nothing if it has a fraction or more than 64 bits.
std::optional<std::uint64_t> magnitude(Decimal value) {
  if (value.digits.empty()) return 0;
  if (value.exponent < 0 || value.digits.size() > 20 || value.exponent > 20) return {};
  value.digits.append(static_cast<std::size_t>(value.exponent), '0');
  std::uint64_t number = 0;
  const char* end = value.digits.data() + value.digits.size();
  const auto read = std::from_chars(value.digits.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return {};
  return number;
}

}  // namespace

bool is_json_number(std::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  const auto whole = digits(text);
  if (whole == 0 || (whole > 1 && text.front() == '0')) return false;
  text.remove_prefix(whole);
  if (!text.empty() && text.front() == '.') {
    const auto fraction = digits(text.substr(1));
    if (fraction == 0) return false;
    text.remove_prefix(1 + fraction);
  }
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
  return !text.empty() && digits(text) == text.size();
}

template <class Integer>
std::optional<Integer> integer_from_json(std::string_view text) {
  if (!is_json_number(text)) return {};
  const Decimal value = decimal(text);
  const auto size = magnitude(value);
  if (!size) return {};
  const auto highest = static_cast<std::uint64_t>(std::numeric_limits<Integer>::max());
  if (!value.negative || *size == 0)
    return *size <= highest ? std::optional(static_cast<Integer>(*size)) : std::nullopt;
  if (!std::numeric_limits<Integer>::is_signed || *size > highest + 1) return {};
  return static_cast<Integer>(~*size + 1);
}

template std::optional<std::int32_t> integer_from_json(std::string_view);
template std::optional<std::int64_t> integer_from_json(std::string_view);
template std::optional<std::uint32_t> integer_from_json(std::string_view);
template std::optional<std::uint64_t> integer_from_json(std::string_view);

std::optional<double> double_from_json(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  if (!is_json_number(text)) return {};
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc()) return value;
  // from_chars does not tell too large from too small; too small is zero.
  value = std::strtod(std::string(text).c_str(), nullptr);
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

}  // namespace brontes::detail
