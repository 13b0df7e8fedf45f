// Asks a server about its services, with the messages that gRPC's reflection library has linked.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <set>
#include <string>

#include "grpc_world.hpp"

namespace brontes::testing {

class ReflectionClient {
 public:
  explicit ReflectionClient(const std::shared_ptr<grpc::Channel>& channel) : stub_(channel) {}

  /// Empty: it has none, or does not answer.
  std::set<std::string> services() {
    const std::string answer = ask("list_services: '*'");
    constexpr std::string_view kBefore = "name: \"";
    std::set<std::string> names;
    for (std::size_t at = 0; (at = answer.find(kBefore, at)) != std::string::npos;) {
      at += kBefore.size();
      names.insert(answer.substr(at, answer.find('"', at) - at));
    }
    return names;
  }

  /// Text that holds the descriptor of the file, and of those it imports; or the error.
  std::string file_with(const std::string& symbol) {
    return ask("file_containing_symbol: '" + symbol + "'");
  }

 private:
  static std::unique_ptr<Message> make(const std::string& name) {
    const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
        "grpc.reflection.v1alpha." + name);
    return std::unique_ptr<Message>(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  }

  void step(bool* ok) {
    void* tag = nullptr;
    queue_.Next(&tag, ok);
  }

  std::string ask(const std::string& question) {
    const auto request = make("ServerReflectionRequest");
    const auto response = make("ServerReflectionResponse");
    google::protobuf::TextFormat::ParseFromString(question, request.get());
    const grpc::Slice slice(request->SerializeAsString());
    Context context;
    const auto stream = stub_.PrepareCall(
        &context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue_);
    bool ok = false;
    stream->StartCall(nullptr), step(&ok);
    stream->Write(grpc::ByteBuffer(&slice, 1), nullptr), step(&ok);
    grpc::ByteBuffer bytes;
    stream->Read(&bytes, nullptr), step(&ok);
    std::string answer;
    if (ok && grpc::SerializationTraits<Message>::Deserialize(&bytes, response.get()).ok())
      answer = response->DebugString();
    context.TryCancel();
    grpc::Status status;
    stream->Finish(&status, nullptr), step(&ok);
    return answer;
  }

  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
};

}  // namespace brontes::testing
