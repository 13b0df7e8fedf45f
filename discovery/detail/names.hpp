// What names, versions and ids in keys, targets and URLs may look like.
#pragma once

#include <brontes/actors/status.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace brontes::detail {

/// 1 to 128 of [A-Za-z0-9._-]; never a slash, so that keys stay unambiguous.
bool is_name(std::string_view text);

/// %XX; kInvalidArgument when cut short or not hex.
Expected<std::string> percent_decode(std::string_view text);
/// What is_name() allows, and ':' '/' '[' ']', stays; the rest becomes %XX.
std::string percent_encode(std::string_view text);

/// The parts between the separators; empty ones included.
std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace brontes::detail
