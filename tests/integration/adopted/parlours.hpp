// The Parlour as users write it: by gRPC's sync and by its callback API, without a word of ours.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "diary.hpp"
#include "parlour.grpc.pb.h"

namespace brontes::testing {

/// What the metadata `x-do` asks of a handler; anything else is business as usual. Each handler
/// enters itself into the diary.
///
///   fail      answers ABORTED with details
///   throw     throws from the method
///   wait      ends when the call is cancelled, and enters "left"
///   idle      callback: the same
///   facts     tells metadata, deadline and peer and sends some back
///   odd       sets metadata that gRPC does not take, and the trailer `x-why: fine`
///   last      streams of replies: the last one leaves together with the status
///   encore    bidi: one reply more, behind the last request
///   hold      sync: blocks until the diary says "release"
///   throw-in-R    callback: the reaction R throws ("headers", "read", "end" for a read that
///                 failed, "write", "cancel", "done"), enters "threw", and never finishes; with
///                 `x-then: finish` it does so when it is cancelled. OnDone enters "gone"
template <class Context>
void add_odd_metadata(Context& context) {
  for (const char* key : {"b\r\nad", "Upper", "with blank", ":path", ""}) {
    context.AddInitialMetadata(key, "v");
    context.AddTrailingMetadata(key, "v");
  }
  context.AddInitialMetadata("x-odd", "a\r\nx-forged: b");
  context.AddTrailingMetadata("x-odd", "\xff");
  context.AddTrailingMetadata("x-why", "fine");
}

std::shared_ptr<grpc::Service> make_sync_parlour(Diary& diary);
std::shared_ptr<grpc::Service> make_callback_parlour(Diary& diary);

}  // namespace brontes::testing
