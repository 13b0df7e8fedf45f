// The tags that carry what Consul has no member for: "version:v1".
#pragma once

#include <string>
#include <string_view>

namespace brontes::consul {

inline constexpr std::string_view kPrefixTag = "prefix:";
inline constexpr std::string_view kVersionTag = "version:";
inline constexpr std::string_view kProtocolTag = "protocol:";
inline constexpr std::string_view kIdTag = "instance_id:";
inline constexpr std::string_view kNetworkTag = "network:";
inline constexpr std::string_view kWeightTag = "weight:";
inline constexpr std::string_view kCreatedTag = "created:";
inline constexpr std::string_view kNamingTag = "naming_address:";
/// Ours, ignored by hephfx: JSON of the tags, and of the metadata that Meta cannot hold.
inline constexpr std::string_view kOwnTag = "brontes:";

/// "prefix:a/b" of "/a/b/".
std::string prefix_tag(std::string_view prefix);

}  // namespace brontes::consul
