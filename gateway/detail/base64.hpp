// Base64 of RFC 4648.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace brontes::detail {

/// Standard alphabet, padded.
void append_base64(std::string_view bytes, std::string& out);

enum class Base64 {
  kLoose,     ///< either alphabet but not both, padding optional
  kPadded,    ///< either alphabet but not both, padded
  kStandard,  ///< the standard alphabet, padding optional
};

/// Nothing if the text is no base64 of that kind.
std::optional<std::string> decode_base64(std::string_view text, Base64 kind = Base64::kLoose);

}  // namespace brontes::detail
