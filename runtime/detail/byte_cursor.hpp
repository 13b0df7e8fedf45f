// Reads big-endian fields from bytes of unknown quality.
#pragma once

#include <cstddef>
#include <string_view>

namespace brontes::detail {

/// After an overrun ok() is false, and everything reads as empty or zero.
class ByteCursor {
 public:
  explicit ByteCursor(std::string_view bytes) : bytes_(bytes) {}

  std::string_view take(std::size_t count) {
    if (count > bytes_.size()) {
      ok_ = false;
      bytes_ = {};
      return {};
    }
    const auto taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  std::size_t number(int width) {
    std::size_t value = 0;
    for (const char byte : take(static_cast<std::size_t>(width)))
      value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  }
  /// A vector behind a length of that many bytes.
  std::string_view vector(int width) { return take(number(width)); }

  bool empty() const { return bytes_.empty(); }
  bool ok() const { return ok_; }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace brontes::detail
