// How deep a message nests others: protobuf's parsers count, JSON's brackets do not tell.
#pragma once

#include <string>

namespace google::protobuf {
class Message;
}

namespace brontes::detail {

/// What protobuf's parsers take by default, gRPC's among them: messages inside of a message. A
/// request that nests more could be served here, but not be sent to anybody.
constexpr int kMostLevels = 100;

/// No more than `most` messages inside of each other below this one. Entries of maps count; what
/// is packed into an Any does not, it is bytes. Recurses `most` levels at most.
bool nests_at_most(const google::protobuf::Message& message, int most);

/// "nested deeper than 100 messages", the same text wherever it is found.
std::string nested_too_deep();

}  // namespace brontes::detail
