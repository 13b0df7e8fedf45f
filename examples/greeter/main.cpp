// Spawn a service actor system: one actor, served over gRPC and REST on one port, registered while
// it serves. Stop it with Ctrl-C: it drains, leaves the registry, lets running calls end.
//
//   greeter --listen 127.0.0.1:50051
//   curl 127.0.0.1:50051/v1/say/brontes
#include <brontes/runtime/node.hpp>

#include "greeter.brontes.hpp"

using Hello::GreeterMethods;
using Hello::HelloReply;
using Hello::HelloReq;

class Greeter final : public brontes::ServiceActor {
 public:
  Greeter() {
    on<GreeterMethods::SayHello>([](const HelloReq& request, HelloReply& reply) {
      if (request.name().empty())
        return brontes::Status(brontes::Errc::kInvalidArgument, "name is empty");
      reply.set_message("hello, " + request.name());
      return brontes::Status();
    });
  }
};

int main(int argc, char** argv) {
  auto settings = brontes::load_settings(argc, argv, {.name = "greeter", .version = "v1"});
  if (!settings) return brontes::exit_with(settings.error());

  brontes::Node node(*settings);
  node.serve<GreeterMethods>(brontes::actor<Greeter>());
  return node.run();
}
