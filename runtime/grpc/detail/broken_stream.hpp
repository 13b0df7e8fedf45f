// Why a read of a request stream failed: its half close, or something broke it.
#pragma once

struct grpc_call;

namespace brontes::detail {

/// Does gRPC know the peer? At the begin of a call it does.
bool knows_peer(grpc_call* call);

/// After a read that failed, of a call whose peer was known, or of one that began without its
/// request: it was no half close, and gRPC's OnCancel has come or will come. Exact, whatever comes
/// first.
bool stream_broke(grpc_call* call);

}  // namespace brontes::detail
