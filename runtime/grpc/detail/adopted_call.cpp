#include <grpcpp/support/method_handler.h>
#include <brontes/actors/log_every.hpp>
#include <brontes/runtime/grpc/detail/adopted_call.hpp>
#include <brontes/runtime/grpc/detail/broken_stream.hpp>
#include <brontes/runtime/grpc/detail/grpc_status.hpp>
#include <brontes/runtime/grpc/detail/travelling_metadata.hpp>

namespace brontes::detail {
namespace {

using grpc::internal::MethodHandler;

// What gRPC makes of an exception of a sync handler.
bool tells_of_exception(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNKNOWN &&
         status.error_message() == "Unexpected error in RPC handling";
}

// A context of a user's allocator goes before gRPC says that the call has ended.
bool goes_early(grpc::ServerContextBase* context) {
  return static_cast<grpc::CallbackServerContext*>(context)->context_allocator() != nullptr;
}

}  // namespace

AdoptedCall::AdoptedCall(const Method& method, const MethodTable& table, DoorScope& scope,
                         const Parameter& parameter)
    : Call(method, table, steady_deadline(*parameter.server_context, table.clock())),
      scope_(scope),
      context_(parameter.server_context),
      raw_(parameter.call->call()),
      peer_(peer_address(*context_)) {
  scope_.enter();
  grpc_call_ref(raw_);
  // The first touch fills a map without a lock: here, on gRPC's own thread.
  context_->client_metadata();
  if (!parameter.status.ok())
    parsed_ = stream_broke(raw_) ? cancel_status() : from_grpc(parameter.status);
  if (has_one_request(method.kind) && parameter.request)
    request_ = {static_cast<Message*>(parameter.request), OwnedOrLent{true}};
}

AdoptedCall::~AdoptedCall() { grpc_call_unref(raw_); }

void AdoptedCall::serve(const StockMethod& stock, const Parameter& parameter) {
  is_callback_ = stock.is_callback;
  if (scope_.cancelling.load(std::memory_order_acquire))
    finish({Errc::kUnavailable, "the server is going away"});
  else
    start();
  request_.reset();  // the handler frees it
  if (is_callback_)
    serve_callback(*stock.handler, parameter);
  else
    serve_sync(*stock.handler, parameter);
}

void AdoptedCall::on_event(const CallPtr& call, const Event& event) {
  auto& self = static_cast<AdoptedCall&>(*call);
  if (event.type == Event::Type::kCancelled) {
    if (!self.answering_) self.break_off(self.cancel_status());
    return;
  }
  self.reply_.reset();  // the handler has its own
  self.claim();
  self.keep_alive();  // until its handler has answered
  self.admitted_ = true;
}

grpc::internal::Call AdoptedCall::hooked(grpc::internal::Call& call,
                                         grpc::experimental::ServerRpcInfo* info) {
  return {raw_, this, call.cq(), call.max_receive_message_size(), info};
}

void AdoptedCall::serve_sync(MethodHandler& handler, const Parameter& parameter) {
  const bool watches = admitted_ && is_watched() && !has_one_request(method().kind);
  grpc::internal::Call wire =
      hooked(*parameter.call,
             watches ? watch_reads(parameter, method(), *this) : parameter.call->server_rpc_info());
  if (admitted_)
    handler.RunHandler({&wire, context_, parameter.request, grpc::Status::OK, nullptr, nullptr});
  else
    refuse_sync(wire, parameter.request);
  end();
}

// A handler of a kind that has no message of its own and sends whatever status it likes.
void AdoptedCall::refuse_sync(grpc::internal::Call wire, void* request) {
  // It lies in the arena of the call, and the handler that would end its life does not run.
  if (request) static_cast<Message*>(request)->~Message();
  using Stream = grpc::ServerReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>;
  grpc::internal::TemplatedBidiStreamingHandler<Stream, false> handler(
      [this](grpc::ServerContext*, Stream*) { return to_grpc(verdict_); });
  handler.RunHandler({&wire, context_, nullptr, grpc::Status::OK, nullptr, nullptr});
}

void AdoptedCall::serve_callback(MethodHandler& handler, const Parameter& parameter) {
  const ReactionScope scope(*this);
  const auto over = [this, early = goes_early(context_), requester = parameter.call_requester] {
    if (early) context_ = nullptr;
    end();
    requester();
  };
  grpc::internal::Call wire = hooked(*parameter.call, parameter.call->server_rpc_info());
  // With a status that is not OK gRPC's handler runs nothing of the user's, and says UNIMPLEMENTED.
  handler.RunHandler({&wire, context_, parameter.request,
                      admitted_ ? grpc::Status::OK : to_grpc(verdict_), parameter.internal_data,
                      over});
}

void AdoptedCall::PerformOpsOnCall(grpc::internal::CallOpSetInterface* batch,
                                   grpc::internal::Call* call) {
  if (auto* headers = headers_in(batch)) drop_untravelling(*headers, method().path);
  if (SentStatus answer(batch); answer) {
    drop_untravelling(answer.trailers(), method().path);
    if (answering_.exchange(true)) return;  // a reaction threw, and that was counted as the answer
    conclude(answer.read());
    if (replaced_)
      answer.replace(to_grpc(verdict_));
    else if (const Message* reply = reply_in(batch); reply && !cancelled())
      sent(*reply);
  } else if (is_watched()) {
    note(*batch);
  }
  batch->FillOps(call);
}

// A reply counts when it is handed over: later, nobody knows whether it is still there to be seen.
void AdoptedCall::note(grpc::internal::CallOpSetInterface& batch) {
  if (const Message* reply = reply_in(&batch))
    finished() ? kept_out() : sent(*reply);
  else if (const Message* request = is_callback_ ? request_of(&batch, *context_) : nullptr)
    reading_ = request;
}

bool AdoptedCall::lets_in(const Message& request) {
  Status status = show(request);
  if (status.ok()) return !finished();
  {
    const std::lock_guard lock(answer_mutex_);
    finish(std::move(status));
  }
  cancel();  // after the answer: whoever works for this call may stop
  return false;
}

void AdoptedCall::kept_out() {
  if (answering_) return;
  Status why;
  {
    const std::lock_guard lock(answer_mutex_);
    why = verdict_;
  }
  break_off(why);
}

// May run under locks of gRPC's reactors: nothing here may make gRPC call a handler back.
void AdoptedCall::conclude(const grpc::Status& given) {
  if (!finished() && context_->IsCancelled()) cancel();
  const std::lock_guard lock(answer_mutex_);
  if (finished()) {
    replaced_ = true;
  } else if (thrown_) {
    replaced_ = true;
    fail(*thrown_);
  } else if (!is_callback_ && tells_of_exception(given)) {
    replaced_ = true;
    fail("an exception in a sync handler; gRPC keeps its text to itself");
  } else {
    finish(cancelled() ? cancel_status() : from_grpc(given));
  }
}

// The reactor may never finish the call any more, or still do so in another reaction. gRPC wants
// exactly one end, and must not be asked for anything behind it: so the call is cut off instead,
// which lets all that the reactor still begins fail, and counted as finished.
void AdoptedCall::reaction_threw(const std::string& text) {
  if (answering_.exchange(true)) {
    log_every(LogLevel::kError, "call", "reaction threw behind the answer method={} cause=\"{}\"",
              method().path, text);
    return;
  }
  Status why;
  {
    const std::lock_guard lock(answer_mutex_);
    fail(text);
    why = verdict_;
  }
  break_off(why);
  count_finish(*context_);
}

// Such a status travels: the caller learns that the deadline was the reason, if it was.
void AdoptedCall::break_off(const Status& why) {
  grpc_call_cancel_with_status(raw_, static_cast<grpc_status_code>(why.code()),
                               why.message().c_str(), nullptr);
}

void AdoptedCall::end() {
  if (!finished()) fail("gRPC ended the call without a status");
  DoorScope& scope = scope_;  // complete() may be the end of this object
  complete(context_ ? !context_->IsCancelled() : !cancelled());
  scope.leave();
}

std::string AdoptedCall::door_metadata(std::string_view key) const {
  return context_ ? first_value(*context_, key) : std::string();
}

std::vector<std::pair<std::string, std::string>> AdoptedCall::door_all_metadata() const {
  if (!context_) return {};
  return all_values(*context_);
}

void AdoptedCall::door_header(const std::string& key, const std::string& value) {
  context_->AddInitialMetadata(key, value);
}

void AdoptedCall::door_trailer(const std::string& key, const std::string& value) {
  context_->AddTrailingMetadata(key, value);
}

Status AdoptedCall::door_parse(Message&) { return parsed_; }

void AdoptedCall::door_write(const Message&) {}

}  // namespace brontes::detail
