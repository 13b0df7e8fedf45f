// What keeps calls together: a key, taken from their metadata or a field of the request.
#pragma once

#include <brontes/actors/status.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace brontes {

/// A key as pickers want it: the same in every process and build, never 0.
std::uint64_t key_hash(std::string_view key);
/// Bits that look independent of the argument, which may be a key_hash or a counter.
inline std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/// Where the key of a call is found. A value.
struct KeySource {
  enum class From { kNowhere, kHeader, kField };
  From from = From::kNowhere;
  std::string name;  ///< of the header, in lower case, or of the field: "user.id"
};

/// "", "header:x-user" or "field:user.id"; kInvalidArgument otherwise.
Expected<KeySource> parse_key_source(const std::string& text);

}  // namespace brontes
