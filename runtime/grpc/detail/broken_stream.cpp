// A reader of gRPC's callback API is told of a half close and of a break alike: the read failed. Of
// a break OnCancel tells as well, but on another thread, and at any time. What gRPC's core knows
// before it reports the read tells the two apart:
//
// The one request of a unary call or server stream is read by gRPC itself; a break before it is the
// same: gRPC begins the call without a request.
//
//   the stream was reset, or its connection ended   grpc_call_failed_before_recv_message() is true
//   gRPC refused a message (too large, damaged)     the call is cancelled, with all that has come
//                                                   before, be it a half close; and a cancelled
//                                                   call has forgotten its peer
//
// The former is gRPC's public interface. That the peer is forgotten is not: with another version
// look at FilterStackCall::CancelWithError and run integration_grpc
// (ALargerMessageInAStreamIsNoHalfClose).
#include <grpc/grpc.h>
#include <grpc/support/alloc.h>
#include <grpcpp/version_info.h>
#include <brontes/runtime/grpc/detail/broken_stream.hpp>

#include <memory>
#include <string_view>

#if GRPC_CPP_VERSION_MAJOR != 1 || GRPC_CPP_VERSION_MINOR != 51
#error "that a cancelled call forgets its peer was seen in gRPC 1.51: see the top of this file"
#endif

namespace brontes::detail {

bool knows_peer(grpc_call* call) {
  const std::unique_ptr<char, decltype(&gpr_free)> peer(grpc_call_get_peer(call), &gpr_free);
  return std::string_view(peer.get()) != "unknown";
}

bool stream_broke(grpc_call* call) {
  return grpc_call_failed_before_recv_message(call) != 0 || !knows_peer(call);
}

}  // namespace brontes::detail
