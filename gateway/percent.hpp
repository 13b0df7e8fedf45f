// Percent-encoding of paths and queries (RFC 3986).
#pragma once

#include <brontes/actors/status.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brontes {

/// What becomes of the escapes of a path before its variables get their values.
enum class PathDecoding {
  kWhole,              ///< the whole path before it is split: %2F separates (hephfx's way)
  kAllExceptReserved,  ///< variables of several segments keep escapes of reserved characters
  kAllExceptSlash,     ///< variables of several segments keep %2F
  kAll,                ///< every escape of every variable
};

/// Which escapes stay as they are written.
enum class Keep { kNothing, kSlash, kReserved };

/// kInvalidArgument for "%" without two hexadecimal digits.
Expected<std::string> percent_decode(std::string_view text, Keep keep = Keep::kNothing);

/// As percent_decode; in a form "+" is a blank.
Expected<std::string> form_decode(std::string_view text);

using FormPairs = std::vector<std::pair<std::string, std::string>>;
/// "a=1&b" in order, decoded, pairs without a name left out. kInvalidArgument for bad escapes and
/// for ";", which some take for a separator.
Expected<FormPairs> parse_form(std::string_view text);

/// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace brontes
