// An actor that needs another service to answer: it finds it through discovery and never waits.
//
// Guide.Welcome asks the greeter once per name. Each answer comes back into the actor's own turn,
// so its state needs no lock; the last one finishes the reply. Both services run here, in one
// process, on the embedded registry.
#include <brontes/actors/call/reply.hpp>
#include <brontes/discovery/channel/client_call.hpp>
#include <brontes/runtime/node.hpp>
#include <iostream>

#include "greeter.brontes.hpp"
#include "tour.brontes.hpp"

using brontes::Expected;
using brontes::Status;
using Hello::GreeterMethods;
using Tour::GuideMethods;

class Guide final : public brontes::ServiceActor {
 public:
  explicit Guide(brontes::Channel greeters) : greeters_(std::move(greeters)) {
    on<GuideMethods::Welcome>(
        [this](const Tour::WelcomeReq& request, brontes::Reply<GuideMethods::Welcome> reply) {
          welcome(request, std::make_shared<Pending>(std::move(reply), request.names_size()));
        });
  }

 private:
  struct Pending {
    Pending(brontes::Reply<GuideMethods::Welcome> promise, int count)
        : reply(std::move(promise)), left(count) {
      for (int i = 0; i < count; ++i) reply->add_greetings();
    }
    brontes::Reply<GuideMethods::Welcome> reply;
    int left;
  };

  void welcome(const Tour::WelcomeReq& request, const std::shared_ptr<Pending>& pending) {
    if (request.names().empty()) return pending->reply.finish();
    for (int i = 0; i < request.names_size(); ++i) {
      Hello::HelloReq hello;
      hello.set_name(request.names(i));
      brontes::CallOptions options;
      options.parent = pending->reply.call().context();  // deadline, cancellation, request id
      brontes::call<GreeterMethods::SayHello>(greeters_, hello, std::move(options))
          .then(executor(), [pending, i](const Expected<Hello::HelloReply>& answer) {
            pending->reply->set_greetings(
                i, answer ? answer->message() : "(" + answer.error().to_string() + ")");
            if (--pending->left == 0) pending->reply.finish();
          });
    }
  }

  brontes::Channel greeters_;
};

int main(int argc, char** argv) {
  auto settings = brontes::load_settings(argc, argv, {.listen = {"127.0.0.1", 0}});
  if (!settings) return brontes::exit_with(settings.error());
  settings->drain.min = brontes::Duration::zero();
  settings->log.level = brontes::LogLevel::kWarn;
  brontes::set_log_level(settings->log.level);

  brontes::System system;
  settings->name = "greeter";
  brontes::Node greeter(*settings, system);
  greeter.serve<GreeterMethods>(brontes::Functions<GreeterMethods>().on<GreeterMethods::SayHello>(
      [](const Hello::HelloReq& request, Hello::HelloReply& reply) {
        reply.set_message("hello, " + request.name());
        return Status();
      }));
  if (const auto started = greeter.start(); !started.ok()) return brontes::exit_with(started);

  settings->name = "guide";
  brontes::Node guide(*settings, system);
  auto greeters = guide.channel("discovery:///greeter");
  if (!greeters) return brontes::exit_with(greeters.error());
  guide.serve<GuideMethods>(brontes::actor<Guide>(*greeters));
  if (const auto started = guide.start(); !started.ok()) return brontes::exit_with(started);

  auto guides = guide.channel("discovery:///guide");
  if (!guides) return brontes::exit_with(guides.error());
  Tour::WelcomeReq request;
  for (const char* name : {"brontes", "steropes", "arges"}) request.add_names(name);
  const auto reply = brontes::call<GuideMethods::Welcome>(*guides, request).wait();
  if (!reply) return brontes::exit_with(reply.error());
  for (const auto& greeting : reply->greetings()) std::cout << greeting << '\n';
}
