// What gRPC sees as request and reply type of every method: bytes in, a message out. So four
// handler instantiations serve all methods, the chain may refuse before anything is parsed, and a
// malformed request reaches it.
#pragma once

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>
#include <brontes/actors/call/method.hpp>
#include <brontes/runtime/grpc/detail/grpc_status.hpp>

namespace brontes::detail {

struct Wire {
  grpc::ByteBuffer bytes;
  const Message* message = nullptr;
};

inline Status parse(Wire& wire, Message& message) {
  const auto status = grpc::SerializationTraits<Message>::Deserialize(&wire.bytes, &message);
  if (status.ok()) return {};
  return {Errc::kInternal, "the request is no valid " + message.GetTypeName()};
}

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
