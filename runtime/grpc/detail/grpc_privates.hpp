// All that adopted services take from gRPC beyond its public interface, in one place.
//
// A stock service keeps its handlers, and a send batch its status, in private members; gRPC offers
// no way to refuse a call with a status of one's choice before a stock handler runs, nor to learn
// what that handler answered (its own server interceptors see the status, but cannot keep the
// handler from running). An explicit instantiation may name private members, so the language allows
// this without changing gRPC; which members there are is a matter of its version.
//
// With another version, check what is named below, run integration_adopted, and widen the
// condition:
//   members    those that are revealed below
//   behaviour  a callback handler that gets a status other than OK runs no user code;
//              ServerSendStatus may be called again before FillOps; Server::PerformOpsOnCall does
//              nothing but FillOps; the callback of a call's completion counts one condition of
//              OnDone and does nothing else, as the callback of its Finish does; a sync Read()
//              looks at got_message last
#pragma once

#include <grpcpp/impl/call_op_set.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/version_info.h>
#include <brontes/actors/call/method.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#if GRPC_CPP_VERSION_MAJOR != 1 || GRPC_CPP_VERSION_MINOR != 51
#error "adopted services lean on members of gRPC 1.51: see the top of grpc_privates.hpp"
#endif

namespace brontes::detail {

/// private_member(Tag{}): the pointer to the member that Tag stands for.
template <class Tag, auto kMember>
struct Reveal {
  friend constexpr auto private_member(Tag) { return kMember; }
};
#define BRONTES_REVEAL(tag, ...)               \
  struct tag {                                 \
    friend constexpr auto private_member(tag); \
  };                                           \
  template struct Reveal<tag, &__VA_ARGS__>

BRONTES_REVEAL(ServiceMethods, grpc::Service::methods_);
BRONTES_REVEAL(BuilderServices, grpc::ServerBuilder::services_);
BRONTES_REVEAL(BuilderGeneric, grpc::ServerBuilder::generic_service_);
BRONTES_REVEAL(BuilderCallbackGeneric, grpc::ServerBuilder::callback_generic_service_);
BRONTES_REVEAL(BuilderQuota, grpc::ServerBuilder::resource_quota_);
BRONTES_REVEAL(ServerInterceptors, grpc::Server::interceptor_creators_);
BRONTES_REVEAL(StatusIsSent, grpc::internal::CallOpServerSendStatus::send_status_available_);
BRONTES_REVEAL(StatusCode, grpc::internal::CallOpServerSendStatus::send_status_code_);
BRONTES_REVEAL(StatusMessage, grpc::internal::CallOpServerSendStatus::send_error_message_);
BRONTES_REVEAL(StatusDetails, grpc::internal::CallOpServerSendStatus::send_error_details_);
BRONTES_REVEAL(StatusTrailers, grpc::internal::CallOpServerSendStatus::metadata_map_);
BRONTES_REVEAL(HeadersAreSent, grpc::internal::CallOpSendInitialMetadata::send_);
BRONTES_REVEAL(SentHeaders, grpc::internal::CallOpSendInitialMetadata::metadata_map_);
BRONTES_REVEAL(UnaryReactor, grpc::internal::CallbackUnaryHandler<Message, Message>::get_reactor_);
BRONTES_REVEAL(ReadReactor,
               grpc::internal::CallbackClientStreamingHandler<Message, Message>::get_reactor_);
BRONTES_REVEAL(WriteReactor,
               grpc::internal::CallbackServerStreamingHandler<Message, Message>::get_reactor_);
BRONTES_REVEAL(BidiReactor, grpc::internal::CallbackBidiHandler<Message, Message>::get_reactor_);
BRONTES_REVEAL(BindUnary, grpc::ServerUnaryReactor::InternalBindCall);
BRONTES_REVEAL(BindReader, grpc::ServerReadReactor<Message>::InternalBindReader);
BRONTES_REVEAL(BindWriter, grpc::ServerWriteReactor<Message>::InternalBindWriter);
BRONTES_REVEAL(BindStream, grpc::ServerBidiReactor<Message, Message>::InternalBindStream);
BRONTES_REVEAL(SentMessage, grpc::internal::CallOpSendMessage::msg_);
BRONTES_REVEAL(SendFailed, grpc::internal::CallOpSendMessage::failed_send_);
BRONTES_REVEAL(ReadMessage, grpc::internal::CallOpRecvMessage<Message>::message_);
BRONTES_REVEAL(BatchOfHook, grpc::internal::InterceptorBatchMethodsImpl::ops_);
BRONTES_REVEAL(CompletionTag, grpc::ServerContextBase::completion_tag_);
BRONTES_REVEAL(TagCallback, grpc::internal::CallbackWithSuccessTag::func_);
BRONTES_REVEAL(MakeInterceptors, grpc::ServerContextBase::set_server_rpc_info);
BRONTES_REVEAL(InterceptorsOfCall, grpc::experimental::ServerRpcInfo::interceptors_);
#undef BRONTES_REVEAL

using StockMethods = std::vector<std::unique_ptr<grpc::internal::RpcServiceMethod>>;
using StockFactories =
    std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>;

/// In the order of the generated code; null: taken over by a generic service.
inline const StockMethods& methods_of(const grpc::Service& service) {
  return service.*private_member(ServiceMethods{});
}

/// What makes gRPC's own interceptors for the calls of a started server.
inline const StockFactories& interceptors_of(const grpc::Server& server) {
  return server.*private_member(ServerInterceptors{});
}

/// How many services a server will have; a generic one counts as one.
inline std::size_t services_of(const grpc::ServerBuilder& builder) {
  return (builder.*private_member(BuilderServices{})).size() +
         (builder.*private_member(BuilderGeneric{}) != nullptr) +
         (builder.*private_member(BuilderCallbackGeneric{}) != nullptr);
}

/// The quota that a server will have; null: none was set.
inline grpc_resource_quota* quota_of(const grpc::ServerBuilder& builder) {
  return builder.*private_member(BuilderQuota{});
}

/// Two servers share a quota, the threads of their sync handlers included. `to` has none so far.
inline void share_quota(grpc_resource_quota* quota, grpc::ServerBuilder& to) {
  grpc_resource_quota_ref(quota);  // the builder gives it back
  to.*private_member(BuilderQuota{}) = quota;
}

/// The final status of a call in a batch that is about to be sent.
class SentStatus {
 public:
  explicit SentStatus(grpc::internal::CallOpSetInterface* batch)
      : op_(dynamic_cast<grpc::internal::CallOpServerSendStatus*>(batch)) {
    if (op_ && !(op_->*private_member(StatusIsSent{}))) op_ = nullptr;
  }
  /// False: the batch has none.
  explicit operator bool() const { return op_ != nullptr; }

  grpc::Status read() const {
    return {static_cast<grpc::StatusCode>(op_->*private_member(StatusCode{})),
            op_->*private_member(StatusMessage{}), op_->*private_member(StatusDetails{})};
  }
  /// Of the context, as long as the batch has not been filled.
  std::multimap<std::string, std::string>& trailers() const {
    return *(op_->*private_member(StatusTrailers{}));
  }
  void replace(const grpc::Status& status) {
    op_->ServerSendStatus(op_->*private_member(StatusTrailers{}), status);
  }

 private:
  grpc::internal::CallOpServerSendStatus* op_;
};

/// The initial metadata in a batch that is about to be sent. Null: it has none.
inline std::multimap<std::string, std::string>* headers_in(
    grpc::internal::CallOpSetInterface* batch) {
  const auto* op = dynamic_cast<grpc::internal::CallOpSendInitialMetadata*>(batch);
  return op && op->*private_member(HeadersAreSent{}) ? op->*private_member(SentHeaders{}) : nullptr;
}

/// The reply in a batch that is about to be sent. Null: there is none, or one before it got stuck.
inline const Message* reply_in(grpc::internal::CallOpSetInterface* batch) {
  const auto* op = dynamic_cast<grpc::internal::CallOpSendMessage*>(batch);
  if (!op || op->*private_member(SendFailed{})) return nullptr;
  return static_cast<const Message*>(op->*private_member(SentMessage{}));
}

/// A batch that reads, of a stream of messages that are not known here.
using ReadBatch = grpc::internal::CallOpSet<grpc::internal::CallOpRecvMessage<Message>>;

/// Where the batch of a callback stream will put the request. Null: it reads none.
inline const Message* request_of(grpc::internal::CallOpSetInterface* batch,
                                 grpc::ServerContextBase& context) {
  // The batches of a call: one that awaits the end, those that send, each with a place for the
  // initial metadata, and those that read.
  if (batch->core_cq_tag() == &(context.*private_member(CompletionTag{})) ||
      dynamic_cast<grpc::internal::CallOpSendInitialMetadata*>(batch))
    return nullptr;
  return reinterpret_cast<ReadBatch*>(batch)->*private_member(ReadMessage{});
}

/// In POST_RECV_MESSAGE of a sync stream: Read() will return false.
inline void deny_message(grpc::experimental::InterceptorBatchMethods& methods) {
  auto& hook = static_cast<grpc::internal::InterceptorBatchMethodsImpl&>(methods);
  reinterpret_cast<ReadBatch*>(hook.*private_member(BatchOfHook{}))->got_message = false;
}

/// Counts as the end of a Finish that will never be sent; OnDone comes when all else has ended.
inline void count_finish(grpc::ServerContextBase& context) {
  // A copy: it may be the last one, and the context gone before it returns.
  const auto count = context.*private_member(CompletionTag{}).*private_member(TagCallback{});
  count(true);
}

}  // namespace brontes::detail
