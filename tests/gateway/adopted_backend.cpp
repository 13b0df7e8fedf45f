#include "adopted_backend.hpp"

#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <mutex>

#include "answers.hpp"
#include "testsvc.brontes.hpp"
#include "testsvc.grpc.pb.h"

namespace brontes::conformance {
namespace {

using namespace gwtest::v1;
using Echo = EchoServiceMethods;
using Context = grpc::ServerContext;
using CallbackContext = grpc::CallbackServerContext;

grpc::Status stock(const brontes::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), status.message(), status.details()};
}

Facts facts_of(const grpc::ServerContextBase& context, std::string_view path) {
  using std::chrono::system_clock;
  Facts facts{path, {}, {}};
  for (const auto& [key, value] : context.client_metadata())
    facts.metadata.emplace_back(std::string(key.data(), key.size()),
                                std::string(value.data(), value.size()));
  if (const auto deadline = context.deadline(); deadline != system_clock::time_point::max())
    facts.left = deadline - system_clock::now();
  return facts;
}

std::chrono::system_clock::time_point in(int milliseconds) {
  return std::chrono::system_clock::now() + std::chrono::milliseconds(milliseconds);
}

/// A reactor that waits. The alarm rings once, early when the call is cancelled, and only when it
/// has rung the call goes on.
template <class Reactor>
class Patient : public Reactor {
 protected:
  Patient(CancelCounts& counts, std::string key) : counts_(counts), key_(std::move(key)) {}

  // A new alarm each time: the one before may still be at the end of its ring.
  void wait(int milliseconds) {
    const std::lock_guard lock(mutex_);
    alarm_ = std::make_unique<grpc::Alarm>();
    alarm_->Set(in(left_ ? 0 : milliseconds), [this](bool) { on_alarm(); });
  }
  bool left() {
    const std::lock_guard lock(mutex_);
    return left_;
  }
  void finish(const grpc::Status& status) {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    this->Finish(status);
  }

 private:
  virtual void on_alarm() = 0;
  void OnCancel() override {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    counts_.add(key_);
    left_ = true;
    if (alarm_) alarm_->Cancel();
  }
  void OnDone() override { delete this; }

  CancelCounts& counts_;
  const std::string key_;
  std::mutex mutex_;  // guards what follows
  std::unique_ptr<grpc::Alarm> alarm_;
  bool left_ = false, ended_ = false;
};

class SlowReactor final : public Patient<grpc::ServerUnaryReactor> {
 public:
  SlowReactor(CallbackContext& context, const SlowRequest& request, EchoReply& reply,
              CancelCounts& counts)
      : Patient(counts, request.key()), context_(context), request_(request), reply_(reply) {
    wait(request.delay_ms());
  }

 private:
  void on_alarm() override {
    if (left()) return finish(grpc::Status::CANCELLED);
    reply_ = describe(facts_of(context_, Echo::Slow::path), request_);
    finish(grpc::Status::OK);
  }

  CallbackContext& context_;
  const SlowRequest& request_;
  EchoReply& reply_;
};

class StreamReactor final : public Patient<grpc::ServerWriteReactor<Item>> {
 public:
  StreamReactor(const StreamRequest& request, CancelCounts& counts)
      : Patient(counts, request.key()), request_(request) {
    StartSendInitialMetadata();
    next();
  }

 private:
  void next() {
    if (const auto end = end_after(sent_, request_)) return finish(stock(*end));
    request_.delay_ms() > 0 ? wait(request_.delay_ms()) : send();
  }
  void send() {
    item_ = item_after(sent_++, request_);
    StartWrite(&item_);
  }
  void on_alarm() override { left() ? finish(grpc::Status::CANCELLED) : send(); }
  void OnWriteDone(bool ok) override { ok ? next() : finish(grpc::Status::CANCELLED); }

  const StreamRequest request_;
  Item item_;
  int sent_ = 0;
};

class StockEcho final : public EchoService::WithCallbackMethod_Slow<EchoService::Service> {
 public:
  explicit StockEcho(CancelCounts& counts) : counts_(counts) {}

 private:
  grpc::Status Echo(Context* context, const Everything* request, EchoReply* reply) override {
    *reply = describe(facts_of(*context, Echo::Echo::path), *request);
    return grpc::Status::OK;
  }
  grpc::Status Unbound(Context* context, const Small* request, EchoReply* reply) override {
    *reply = describe(facts_of(*context, Echo::Unbound::path), *request);
    return grpc::Status::OK;
  }
  grpc::Status Mirror(Context*, const Everything* request, Everything* reply) override {
    *reply = *request;
    return grpc::Status::OK;
  }
  grpc::Status MirrorSmall(Context*, const Small* request, Small* reply) override {
    *reply = *request;
    return grpc::Status::OK;
  }
  grpc::Status Nothing(Context*, const google::protobuf::Empty*,
                       google::protobuf::Empty*) override {
    return grpc::Status::OK;
  }
  grpc::Status Fail(Context*, const FailRequest* request, EchoReply*) override {
    return stock(failure(*request));
  }
  grpc::Status SetMeta(Context* context, const SetMetaRequest* request, EchoReply* reply) override {
    for (const auto& [key, value] : request->headers())
      context->AddInitialMetadata(key, metadata_value(key, value));
    for (const auto& [key, value] : request->trailers())
      context->AddTrailingMetadata(key, metadata_value(key, value));
    if (request->fail_code() != 0)
      return {static_cast<grpc::StatusCode>(request->fail_code()), "failed"};
    *reply = describe(facts_of(*context, Echo::SetMeta::path), *request);
    return grpc::Status::OK;
  }
  grpc::ServerUnaryReactor* Slow(CallbackContext* context, const SlowRequest* request,
                                 EchoReply* reply) override {
    return new SlowReactor(*context, *request, *reply, counts_);
  }
  grpc::Status Cancelled(Context*, const CancelQuery* request, CancelReply* reply) override {
    reply->set_count(counts_.of(request->key()));
    return grpc::Status::OK;
  }
  grpc::Status Big(Context*, const BigRequest* request, Item* reply) override {
    *reply = big(*request);
    return grpc::Status::OK;
  }
  grpc::Status Download(Context*, const DownloadRequest* request,
                        google::api::HttpBody* reply) override {
    reply->set_content_type(request->content_type());
    reply->set_data(request->text());
    return grpc::Status::OK;
  }
  grpc::Status DownloadWrapped(Context* context, const DownloadRequest* request,
                               WrappedBody* reply) override {
    return Download(context, request, reply->mutable_body());
  }
  grpc::Status Upload(Context*, const google::api::HttpBody* request, UploadReply* reply) override {
    describe(*request, *reply);
    return grpc::Status::OK;
  }
  grpc::Status UploadField(Context*, const UploadRequest* request, UploadReply* reply) override {
    describe(*request, *reply);
    return grpc::Status::OK;
  }

  CancelCounts& counts_;
};

class StockStreams final
    : public StreamService::WithCallbackMethod_ServerStream<StreamService::Service> {
 public:
  explicit StockStreams(CancelCounts& counts) : counts_(counts) {}

 private:
  grpc::ServerWriteReactor<Item>* ServerStream(CallbackContext*,
                                               const StreamRequest* request) override {
    return new StreamReactor(*request, counts_);
  }
  grpc::Status ClientStream(Context*, grpc::ServerReader<Item>* items, Summary* summary) override {
    for (Item item; items->Read(&item);) add(item, *summary);
    return grpc::Status::OK;
  }
  grpc::Status Bidi(Context*, grpc::ServerReaderWriter<Item, Item>* stream) override {
    for (Item item; stream->Read(&item);) {
      if (item.text() == "fail") return {grpc::StatusCode::INVALID_ARGUMENT, "asked to fail"};
      if (!stream->Write(echo_of(item))) break;
    }
    return grpc::Status::OK;
  }
  grpc::Status DownloadStream(Context*, const DownloadRequest* request,
                              grpc::ServerWriter<google::api::HttpBody>* bodies) override {
    google::api::HttpBody body;
    body.set_content_type(request->content_type());
    for (const std::string& part : request->parts()) {
      body.set_data(part);
      if (!bodies->Write(body)) break;
      body.clear_content_type();
    }
    return grpc::Status::OK;
  }

  CancelCounts& counts_;
};

class StockRoutes final : public RouteService::CallbackService {
 private:
  static grpc::ServerUnaryReactor* answer(CallbackContext& context, std::string_view path,
                                          const RouteRequest& request, EchoReply& reply) {
    reply = describe(facts_of(context, path), request);
    grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

#define ANSWERS(method)                                                                   \
  grpc::ServerUnaryReactor* method(CallbackContext* context, const RouteRequest* request, \
                                   EchoReply* reply) override {                           \
    return answer(*context, RouteServiceMethods::method::path, *request, *reply);         \
  }
  ANSWERS(RouteRoot)
  ANSWERS(RouteShelf)
  ANSWERS(RouteFeatured)
  ANSWERS(RouteFirstStatic)
  ANSWERS(RouteFirstVar)
  ANSWERS(RouteBook)
  ANSWERS(RouteTopic)
  ANSWERS(RouteStar)
  ANSWERS(RouteFiles)
  ANSWERS(RouteFilesMeta)
  ANSWERS(RouteDocs)
  ANSWERS(RouteDocsRender)
  ANSWERS(RouteBlob)
  ANSWERS(RouteItem)
  ANSWERS(RouteItemCancel)
  ANSWERS(RouteItemsSearch)
  ANSWERS(RouteNum)
  ANSWERS(RouteCase)
  ANSWERS(RouteEsc)
  ANSWERS(RoutePair)
  ANSWERS(RoutePairFixed)
  ANSWERS(RoutePairOther)
#undef ANSWERS
};

}  // namespace

std::vector<std::shared_ptr<grpc::Service>> stock_services(CancelCounts& counts) {
  return {std::make_shared<StockEcho>(counts), std::make_shared<StockStreams>(counts),
          std::make_shared<StockRoutes>()};
}

}  // namespace brontes::conformance
