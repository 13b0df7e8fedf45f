// What gRPC sees as request and reply type of every method: bytes in, a message out. So four
// handler instantiations serve all methods, the chain may refuse before anything is parsed, and a
// malformed request reaches it.
#pragma once

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>
#include <brontes/actors/call/method.hpp>
#include <brontes/actors/status.hpp>
#include <string_view>

namespace brontes::detail {

struct Wire {
  grpc::ByteBuffer bytes;
  const Message* message = nullptr;
};

/// Takes the bytes. As no_request() says if they are none.
Status parse(Wire& wire, Message& message);

/// The same of what a handler of this process has built: however deep it nests, within reason. The
/// door that prints it has its own limit.
bool parse_own(Wire& wire, Message& message);

/// Why these bytes, which protobuf did not parse, are no such message: kInvalidArgument if they
/// only nest deeper than it takes, else kInternal.
Status no_request(std::string_view bytes, const Message& prototype);

/// Fewer bytes cannot nest too deep: each message takes a tag and a length.
std::size_t least_deep_bytes();

}  // namespace brontes::detail

template <>
class grpc::SerializationTraits<brontes::detail::Wire> {
 public:
  static Status Deserialize(ByteBuffer* in, brontes::detail::Wire* wire) {
    wire->bytes.Swap(in);
    return Status::OK;
  }
  static Status Serialize(const brontes::detail::Wire& wire, ByteBuffer* out, bool* own_buffer) {
    return SerializationTraits<brontes::Message>::Serialize(*wire.message, out, own_buffer);
  }
};
