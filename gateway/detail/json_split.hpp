// Where one JSON value ends and the next one begins.
#pragma once

#include <cstddef>
#include <string_view>

namespace brontes::detail {

/// The first value of the text, blanks before it left out; empty at the end. Looks at quotes and
/// brackets only: the reader finds the mistakes. `consumed` is where the rest begins.
std::string_view next_json_value(std::string_view text, std::size_t& consumed);

}  // namespace brontes::detail
