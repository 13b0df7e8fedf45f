#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/client_callback.h>

#include <brontes/discovery/channel/detail/connectivity_monitor.hpp>
#include <brontes/discovery/channel/detail/health_stream.hpp>
#include <mutex>
#include <utility>
#include <vector>

namespace brontes {
namespace {

constexpr int kHealthServing = 1;  // of HealthCheckResponse.ServingStatus

// On the wire HealthCheckRequest is a StringValue and HealthCheckResponse an Int32Value: no copy of
// health.proto is needed, which would clash with one of the application's.
grpc::ByteBuffer health_request(const std::string& service) {
  google::protobuf::StringValue request;
  request.set_value(service);
  const grpc::Slice slice(request.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

int health_status(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  std::string flat;
  if (!bytes.Dump(&slices).ok()) return 0;
  for (const auto& slice : slices)
    flat.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  google::protobuf::Int32Value reply;
  return reply.ParseFromString(flat) ? reply.value() : 0;
}

// Holds itself from its start to OnDone.
class HealthStream final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                           public std::enable_shared_from_this<HealthStream> {
 public:
  HealthStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& service,
               std::function<void(Health)> told)
      : stub_(channel), request_(health_request(service)), told_(std::move(told)) {}

  void start() {
    self_ = shared_from_this();
    stub_.PrepareBidiStreamingCall(&context_, kHealthWatch, {}, this);
    StartWriteLast(&request_, grpc::WriteOptions());
    StartRead(&reply_);
    StartCall();
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      told_ = nullptr;
    }
    context_.TryCancel();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;  // OnDone says why
    tell(health_status(reply_) == kHealthServing ? Health::kServing : Health::kNotServing);
    reply_.Clear();
    StartRead(&reply_);
  }

  void OnDone(const grpc::Status& status) override {
    const auto self = std::exchange(self_, nullptr);
    tell(status.error_code() == grpc::StatusCode::UNIMPLEMENTED ? Health::kUnsupported
                                                                : Health::kBroken);
  }

 private:
  void tell(Health health) {
    const std::lock_guard lock(mutex_);
    if (told_) told_(health);
  }

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_, reply_;
  std::shared_ptr<HealthStream> self_;
  std::mutex mutex_;  // guards what follows
  std::function<void(Health)> told_;
};

}  // namespace

std::shared_ptr<void> open_health_stream(const std::shared_ptr<grpc::Channel>& channel,
                                         const std::string& service,
                                         std::function<void(Health)> told) {
  ConnectivityMonitor::process().keep_callback_threads();
  auto stream = std::make_shared<HealthStream>(channel, service, std::move(told));
  stream->start();
  // Whoever lets go of it ends the stream, which lives until it has ended.
  return std::shared_ptr<void>(stream.get(), [stream](void*) { stream->stop(); });
}

}  // namespace brontes
