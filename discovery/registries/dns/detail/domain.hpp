// Names in DNS.
#pragma once

#include <brontes/actors/status.hpp>
#include <string>
#include <string_view>

namespace brontes::dns {

/// kInvalidArgument with the reason unless it may be asked for: labels of 1 to 63 of
/// [A-Za-z0-9_-], 253 in all.
Status check_domain(std::string_view domain);
/// Lower case, without a dot at the end.
std::string plain_domain(std::string_view domain);
/// "[VERSION.]NAME[.SUFFIX]"
std::string domain_of(const std::string& name, const std::string& version,
                      const std::string& suffix);

}  // namespace brontes::dns
