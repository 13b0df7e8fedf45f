// The one way into grpc::ChannelInterface, whose virtual functions are private: gRPC befriends all
// specialisations of the class template BlockingUnaryCallImpl, and the one for a tag type of ours
// is a door. Nothing else in the project depends on gRPC's internals. Why: docs/adr/0050.
//
// Checked against gRPC 1.51 (the version of Debian 12 and 13, and of Ubuntu 24.04); the test
// BalancedChannel.CarriesEveryKindOfCall fails if a later version changes what it relies on.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/impl/channel_interface.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/version_info.h>

static_assert(GRPC_CPP_VERSION_MAJOR == 1 && GRPC_CPP_VERSION_MINOR >= 51,
              "check that grpc::ChannelInterface still befriends BlockingUnaryCallImpl");

namespace brontes {
struct DoorTag {};
}  // namespace brontes

namespace grpc::internal {

template <>
class BlockingUnaryCallImpl<brontes::DoorTag, brontes::DoorTag> {
 public:
  static Call create_call(ChannelInterface& channel, const RpcMethod& method,
                          ClientContext* context, CompletionQueue* queue) {
    return channel.CreateCall(method, context, queue);
  }
  static CompletionQueue* callback_queue(ChannelInterface& channel) { return channel.CallbackCQ(); }
  /// Of the metadata that the call will send, the first of that name; null: there is none.
  static const std::string* metadata(const ClientContext& context, const std::string& name) {
    const auto at = context.send_initial_metadata_.find(name);
    return at == context.send_initial_metadata_.end() ? nullptr : &at->second;
  }
  static bool wait_for_ready(const ClientContext& context) {
    return (context.initial_metadata_flags() & GRPC_INITIAL_METADATA_WAIT_FOR_READY) != 0;
  }
};

}  // namespace grpc::internal

namespace brontes {
using CallDoor = grpc::internal::BlockingUnaryCallImpl<DoorTag, DoorTag>;
}
