#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/codegen/rpc_method.h>
#include <grpcpp/support/sync_stream.h>

#include <brontes/tools/cli/reflection.hpp>
#include <chrono>
#include <deque>
#include <optional>
#include <set>

#include "cli_reflection.pb.h"

namespace brontes::cli {
namespace {

constexpr const char* kPaths[] = {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                                  "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"};

// One conversation with a server.
class Reflection {
 public:
  Reflection(grpc::ChannelInterface& channel, const char* path, Duration timeout)
      : method_(path, grpc::internal::RpcMethod::BIDI_STREAMING) {
    context_.set_wait_for_ready(true);
    context_.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                       gpr_time_from_nanos(timeout.count(), GPR_TIMESPAN)));
    stream_.reset(
        grpc::internal::ClientReaderWriterFactory<ReflectionRequest, ReflectionReply>::Create(
            &channel, method_, &context_));
  }
  ~Reflection() {
    if (!ended_) {
      context_.TryCancel();
      (void)finish();
    }
  }

  Expected<ReflectionReply> ask(const ReflectionRequest& request) {
    ReflectionReply reply;
    if (!stream_->Write(request) || !stream_->Read(&reply)) return brontes::fail(finish());
    if (reply.has_error_response())
      return brontes::fail(static_cast<Errc>(reply.error_response().error_code()),
                           reply.error_response().error_message());
    return reply;
  }

 private:
  Status finish() {
    ended_ = true;
    const grpc::Status status = stream_->Finish();
    if (status.ok()) return {Errc::kUnavailable, "the server ended its reflection early"};
    return {static_cast<Errc>(status.error_code()), status.error_message()};
  }

  grpc::internal::RpcMethod method_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<ReflectionRequest, ReflectionReply>> stream_;
  bool ended_ = false;
};

std::string services_of(Reflection& reflection) {
  ReflectionRequest request;
  request.set_list_services("*");
  const auto reply = reflection.ask(request);
  std::string names;
  if (reply)
    for (const auto& service : reply->list_services_response().service())
      names += (names.empty() ? "" : ", ") + service.name();
  return names;
}

Status unknown_service(Reflection& reflection, const std::string& service) {
  const std::string names = services_of(reflection);
  if ((", " + names + ",").find(", " + service + ",") != std::string::npos)
    return {Errc::kNotFound, "the server has " + service +
                                 ", but its reflection does not describe it: its program does not "
                                 "link the descriptor"};
  return {Errc::kNotFound, "the server has no service " + service + "; it has: " + names};
}

Expected<DescriptorFiles> fetch(Reflection& reflection, const std::string& service) {
  DescriptorFiles files;
  std::set<std::string> known;
  std::deque<std::string> missing;
  ReflectionRequest request;
  request.set_file_containing_symbol(service);
  while (true) {
    const auto reply = reflection.ask(request);
    if (!reply && reply.error().code() == Errc::kNotFound && known.empty())
      return brontes::fail(unknown_service(reflection, service));
    if (!reply) return brontes::fail(reply.error());
    for (const std::string& bytes : reply->file_descriptor_response().file_descriptor_proto()) {
      google::protobuf::FileDescriptorProto file;
      if (!file.ParseFromString(bytes))
        return brontes::fail(Errc::kInternal, "the server describes " + service + " unreadably");
      if (!known.insert(file.name()).second) continue;
      files.push_back(bytes);
      missing.insert(missing.end(), file.dependency().begin(), file.dependency().end());
    }
    while (!missing.empty() && known.contains(missing.front())) missing.pop_front();
    if (missing.empty()) return files;
    request.set_file_by_filename(missing.front());
    missing.pop_front();
  }
}

}  // namespace

Expected<DescriptorFiles> describe(const std::shared_ptr<grpc::ChannelInterface>& channel,
                                   const std::string& service, Duration timeout) {
  Expected<DescriptorFiles> files;
  for (const char* path : kPaths) {
    Reflection reflection(*channel, path, timeout);
    files = fetch(reflection, service);
    if (files || files.error().code() != Errc::kUnimplemented) return files;
  }
  return fail(Errc::kUnimplemented, "the server offers no reflection, which says what " + service +
                                        " takes (runtime nodes do: setting 'reflection')");
}

}  // namespace brontes::cli
