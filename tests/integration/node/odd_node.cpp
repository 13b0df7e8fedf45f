// A node that misbehaves as its first argument says; the rest is settings.
#include <brontes/actors/caf.hpp>
#include <brontes/actors/supervisor.hpp>
#include <brontes/runtime/node.hpp>
#include <semaphore>
#include <stdexcept>
#include <string_view>

#include "greeter.brontes.hpp"

namespace {

struct Crash {};

}  // namespace

BRONTES_MESSAGE(Crash)

namespace {

using Crasher = brontes::Interface<void(Crash)>;

class Fragile : public Crasher::base {
 public:
  explicit Fragile(caf::actor_config& config) : Crasher::base(config) {}
  const char* name() const override { return "fragile"; }
  behavior_type make_behavior() override {
    return {[](Crash) { throw std::runtime_error("out of luck"); }};
  }
};

class Broken final : public brontes::ServiceActor {
 public:
  Broken() { throw std::runtime_error("no database"); }
};

brontes::Status hang() {
  std::binary_semaphore never(0);
  never.acquire();
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view odd = argv[1];
  auto settings = brontes::load_settings(argc - 1, argv + 1, {.listen = {"127.0.0.1", 0}});
  if (!settings) return brontes::exit_with(settings.error());
  brontes::Node node(*settings);
  if (odd == "broken_service") node.serve<Hello::GreeterMethods>(brontes::actor<Broken>());
  if (odd == "hang_in_start") node.on_start("hang", hang);
  if (odd == "hang_in_stop") node.on_stop("hang", hang);
  if (odd == "large_answer")
    node.route("GET", "/large", [](const brontes::HttpRequest&) {
      return brontes::HttpResponse::text(std::string(32 << 20, 'x'));
    });
  if (odd == "crash") {
    const Crasher crasher = node.supervisor().start<Fragile>({.name = "fragile", .max_crashes = 0});
    node.route("GET", "/crash", [crasher](const brontes::HttpRequest&) {
      brontes::tell(crasher, Crash{});
      return brontes::HttpResponse::text("crashing");
    });
  }
  return node.run();
}
