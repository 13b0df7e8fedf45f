// Adopt a stock gRPC service: written against gRPC's own API, it joins a node in one line and gains
// REST, health, registration, the interceptors and the drain of every node.
#include <grpcpp/grpcpp.h>
#include <brontes/actors/log.hpp>
#include <brontes/runtime/node.hpp>
#include <iostream>

#include "greeter.grpc.pb.h"

// As in any program that uses gRPC; CallbackService works as well.
class Greeter final : public Hello::Greeter::Service {
  grpc::Status SayHello(grpc::ServerContext* context, const Hello::HelloReq* request,
                        Hello::HelloReply* reply) override {
    reply->set_message("hello, " + request->name());
    context->AddTrailingMetadata("x-served-by", "stock");
    return grpc::Status::OK;
  }
};

class Doorman final : public brontes::Interceptor {
 public:
  const char* name() const override { return "doorman"; }
  brontes::Status on_headers(brontes::Call& call) override {
    if (!call.metadata("x-guest").empty()) return {};
    return {brontes::Errc::kPermissionDenied, "who are you?"};
  }
};

// What a stock client gets.
void say_hello(const std::string& address, bool as_guest) {
  const auto stub =
      Hello::Greeter::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  if (as_guest) context.AddMetadata("x-guest", "yes");
  Hello::HelloReq request;
  request.set_name("brontes");
  Hello::HelloReply reply;
  const grpc::Status status = stub->SayHello(&context, request, &reply);
  std::cout << (status.ok() ? reply.message() : "refused: " + status.error_message()) << '\n';
}

int main(int argc, char** argv) {
  auto settings = brontes::load_settings(
      argc, argv, {.name = "greeter", .version = "v1", .listen = {"127.0.0.1", 0}});
  if (!settings) return brontes::exit_with(settings.error());
  settings->drain.min = brontes::Duration::zero();
  brontes::set_log_level(brontes::LogLevel::kWarn);

  brontes::Node node(*settings);
  node.adopt(std::make_shared<Greeter>());
  node.intercept(std::make_shared<Doorman>());
  if (const auto started = node.start(); !started.ok()) return brontes::exit_with(started);

  say_hello(node.address(), true);
  say_hello(node.address(), false);
}
