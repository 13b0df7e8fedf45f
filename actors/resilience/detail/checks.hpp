// Options that are out of range, told by the name of the field.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <string>
#include <string_view>

namespace brontes::detail {

/// kInvalidArgument: "FIELD: 0 is not from 1 to 64". What is no number is within nothing.
Status within(std::string_view field, double value, double least, double most);
Status within(std::string_view field, Duration value, Duration least, Duration most);

/// "200 ms", "1.5 s".
std::string in_words(Duration time);

}  // namespace brontes::detail
