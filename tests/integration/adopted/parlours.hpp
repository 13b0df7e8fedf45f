// The Parlour as users write it: by gRPC's sync and by its callback API, without a word of ours.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "diary.hpp"
#include "parlour.grpc.pb.h"

namespace brontes::testing {

/// What the metadata `x-do` asks of a handler: "fail" answers ABORTED with details, "throw" throws
/// from the method, "wait" ends when the call is cancelled, "facts" tells metadata, deadline and
/// peer and sends some back, "hold" (sync) blocks
/// until the diary says "release"; anything else is business as usual. Each handler enters itself
/// into the diary.
std::shared_ptr<grpc::Service> make_sync_parlour(Diary& diary);
std::shared_ptr<grpc::Service> make_callback_parlour(Diary& diary);

}  // namespace brontes::testing
