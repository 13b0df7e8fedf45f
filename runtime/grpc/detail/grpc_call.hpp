// A Call over gRPC's callback reactors, one shape per kind of method.
//
// gRPC's context dies after OnDone, so nothing of it is used once the call is finished; and a call
// needs its Finish even when it was cancelled, which is the handler's duty (CallPtr).
#pragma once

#include <grpcpp/support/server_callback.h>
#include <grpcpp/version_info.h>
#include <brontes/actors/call/call.hpp>
#include <brontes/actors/call/method_table.hpp>
#include <brontes/runtime/grpc/detail/broken_stream.hpp>
#include <brontes/runtime/grpc/detail/door_scope.hpp>
#include <brontes/runtime/grpc/detail/grpc_context.hpp>
#include <brontes/runtime/grpc/detail/wire.hpp>

namespace brontes::detail {

/// Where a call comes from and where its one request and one reply lie (null for streams).
struct Arrival {
  const Method& method;
  const MethodTable& table;
  DoorScope& scope;
  grpc::CallbackServerContext* context;
  const Wire* request = nullptr;
  Wire* reply = nullptr;
};

template <class Reactor>
class GrpcCall : public Call, public Reactor {
 public:
  explicit GrpcCall(const Arrival& arrival)
      : Call(arrival.method, arrival.table,
             steady_deadline(*arrival.context, arrival.table.clock())),
        scope_(arrival.scope),
        context_(arrival.context),
        request_wire_(const_cast<Wire*>(arrival.request)),  // parsed once, in place
        reply_wire_(arrival.reply),
        peer_(raw_peer(core())) {
    scope_.enter();
    // The first touch fills a map without a lock: here, on gRPC's own thread.
    context_->client_metadata();
  }

  Reactor* run() {
    if (scope_.cancelling.load(std::memory_order_acquire))
      this->finish({Errc::kUnavailable, "the server is going away"});
    else
      this->start();
    return this;
  }

 protected:
  std::string door_metadata(std::string_view key) const override {
    return first_value(*context_, key);
  }
  std::vector<std::pair<std::string, std::string>> door_all_metadata() const override {
    return all_values(*context_);
  }
  std::string door_peer() const override { return readable_peer(peer_.get()); }
  PeerIdentity door_peer_identity() const override { return identity_of_peer(core()); }
  void door_header(const std::string& key, const std::string& value) override {
    context_->AddInitialMetadata(key, value);
  }
  void door_trailer(const std::string& key, const std::string& value) override {
    context_->AddTrailingMetadata(key, value);
  }
  Status door_parse(Message& request) override {
    if (!request_wire_->bytes.Valid() && stream_broke(core())) return this->cancel_status();
    return parse(*request_wire_, request);
  }
  void door_send_headers() override { this->StartSendInitialMetadata(); }
  void door_read() override {}
  void door_write(const Message&) override {}
  void door_finish(const Status& status) override {
    if (reply_wire_) reply_wire_->message = this->reply_.get();
    this->Finish(to_grpc(status));
  }

  grpc_call* core() const { return context_->c_call(); }

  void OnCancel() override { this->cancel(); }
  void OnDone() override {
    DoorScope& scope = scope_;  // complete() may be the end of this object
    this->complete(!context_->IsCancelled());
    scope.leave();
  }

// gRPC calls this internal. True spares OnDone and OnCancel a hop through its executor (3-4 % of
// the throughput, 14-47 us); the price is that both run on the transport's thread and must be
// short, which observers and cancel events are by contract. Without it only speed is lost.
#if GRPC_CPP_VERSION_MAJOR == 1
  bool InternalInlineable() override { return true; }
#endif

 private:
  DoorScope& scope_;
  grpc::CallbackServerContext* context_;
  Wire* request_wire_;
  Wire* reply_wire_;
  RawPeer peer_;
};

/// Adds a stream of requests.
template <class Base>
class Reads : public Base {
 public:
  using Base::Base;

 protected:
  void door_read() override { this->StartRead(&received_); }
  void OnReadDone(bool ok) override {
    if (!ok) return end_requests();
    std::shared_ptr<Message> message(this->method().request->New());
    if (Status status = parse(received_, *message); !status.ok()) {
      const CallPtr alive(this);
      this->finish(std::move(status));
      return this->cancel();  // after the answer: whoever works for this call may stop
    }
    this->emit(Event{Event::Type::kMessage, 0, std::move(message)});
  }

 private:
  // Of what broke the stream OnCancel tells; a handler must not take the part for the whole.
  void end_requests() {
    if (this->cancelled() || (had_peer_ && stream_broke(this->core()))) return;
    this->emit(Event{Event::Type::kHalfClosed, 0, {}});
  }

  Wire received_;
  const bool had_peer_ = knows_peer(this->core());
};

/// Adds a stream of replies.
template <class Base>
class Writes : public Base {
 public:
  using Base::Base;

 protected:
  void door_write(const Message& reply) override {
    sent_.message = &reply;
    this->StartWrite(&sent_);
  }
  void OnWriteDone(bool ok) override { this->written(ok); }

 private:
  Wire sent_;
};

using UnaryCall = GrpcCall<grpc::ServerUnaryReactor>;
using ClientStreamCall = Reads<GrpcCall<grpc::ServerReadReactor<Wire>>>;
using ServerStreamCall = Writes<GrpcCall<grpc::ServerWriteReactor<Wire>>>;
using BidiCall = Writes<Reads<GrpcCall<grpc::ServerBidiReactor<Wire, Wire>>>>;

}  // namespace brontes::detail
