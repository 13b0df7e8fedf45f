// The short way to read a record. A list of ten thousand takes most of its time in a JSON reader
// that could take anything, while nearly all records have one form.
#pragma once

#include <brontes/discovery/instance.hpp>
#include <string_view>

namespace brontes::detail {

/// True, with the same result as instance_from_json, when the text has the form that brontes and
/// hephfx write: the twelve members in order, no blanks, and printable ASCII without escapes in all
/// texts, which are all that metadata and tags have. Else `into` is of no use, and the text may be
/// a good record all the same.
bool read_plain_record(std::string_view json, Instance& into);

}  // namespace brontes::detail
