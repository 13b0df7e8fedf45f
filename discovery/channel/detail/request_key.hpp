// The key of a call, from where its channel's options say.
#pragma once

#include <brontes/discovery/balancing/call_key.hpp>
#include <brontes/discovery/channel/transport.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace google::protobuf {
class Message;
}

namespace brontes {

/// The field as text: numbers in decimal, enums by number. "" if the message has no such field, or
/// it is a message, repeated, or not set where that is known.
std::string field_text(const google::protobuf::Message& message, std::string_view path);

/// Of metadata, the first of that name; 0 if there is none, or keys come from elsewhere.
std::uint64_t metadata_key(const KeySource& source, const MetadataList& metadata);

}  // namespace brontes
