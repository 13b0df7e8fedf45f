// Values as they stand in paths and queries, into fields.
#pragma once

#include <brontes/gateway/detail/field_slot.hpp>
#include <string_view>

namespace brontes::detail {

enum class TextStyle {
  kPath,        ///< a field of the request: integers also 0x10, 010, 1_000; times as in JSON
  kNestedPath,  ///< deeper: integers are decimal
  kQuery,       ///< decimal; durations with units; Value and Struct as JSON
};

/// Sets a singular field or adds to a repeated one. False: the text does not fit, see expected().
bool put_text(const FieldSlot& slot, std::string_view text, TextStyle style);

}  // namespace brontes::detail
