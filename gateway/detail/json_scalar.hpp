// Scalars of JSON into fields, by the rules of ProtoJSON.
#pragma once

#include <brontes/gateway/detail/field_slot.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace brontes::detail {

/// Numbers keep their text, so that 64 bits and 1e2 are exact.
struct JsonScalar {
  enum class Kind { kNull, kBool, kNumber, kString };
  Kind kind = Kind::kNull;
  bool truth = false;
  std::string text = {};  ///< kNumber, kString

  /// For error texts: `"abc"`, `5`, `null`; long ones are cut.
  std::string to_string() const;
};

enum class Put {
  kDone,
  kUnknownName,  ///< an enum name that is not known: nothing was put
  kNoFit,        ///< nothing was put; expected() says what would have fitted
};

/// Puts a scalar, into wrappers, times, masks and Value as well.
Put put_scalar(const FieldSlot& slot, JsonScalar&& scalar);

/// "an integer of 32 bits", "a timestamp", for error texts.
std::string expected(const FieldSlot& slot);

/// RFC 8259's number.
bool is_json_number(std::string_view text);

/// "1e2", "5.0", "-7"; nothing if it is no number, not integral, or does not fit.
template <class Integer>
std::optional<Integer> integer_from_json(std::string_view text);
/// A number, "NaN", "Infinity", "-Infinity"; nothing beyond the range of double.
std::optional<double> double_from_json(std::string_view text);

}  // namespace brontes::detail
