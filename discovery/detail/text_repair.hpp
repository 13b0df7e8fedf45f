// JSON text as Go's decoder would take it: what is no Unicode becomes U+FFFD.
#pragma once

#include <string>
#include <string_view>

namespace brontes::detail {

/// Invalid UTF-8 bytes and escapes of lone surrogates, replaced.
std::string repair_unicode(std::string_view json);

}  // namespace brontes::detail
