// Metadata that gRPC takes. It ends the process over anything else.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace brontes::detail {

/// By gRPC's own rules, which allow more than check_metadata(): its names, and the transport's.
bool can_travel(const std::string& key, const std::string& value);

/// Drops what cannot travel and logs that, of the method with that path.
void drop_untravelling(std::multimap<std::string, std::string>& metadata, std::string_view path);

}  // namespace brontes::detail
