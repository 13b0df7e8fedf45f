#include <brontes/actors/log.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/runtime/detail/node_routes.hpp>
#include <set>
#include <string>
#include <vector>

namespace brontes::detail {
namespace {

using namespace std::chrono_literals;

/// Beyond the bound of the phase, which is told first.
constexpr Duration kTranscoderPatience = 10s;

/// Asks for the routes of one service after the other, then ends. A class: CAF 0.17 binds a null
/// reference when it spawns a lambda without arguments.
class RoutesErrand final : public caf::event_based_actor {
 public:
  RoutesErrand(caf::actor_config& config, Transcoder transcoder, std::vector<std::string> services,
               PhaseEnd end)
      : caf::event_based_actor(config),
        transcoder_(std::move(transcoder)),
        services_(std::move(services)),
        end_(std::move(end)) {}

  caf::behavior make_behavior() override {
    go_on();
    return {};
  }

 private:
  void go_on() {
    if (next_ == services_.size()) return end_({});
    ask(this, transcoder_, kTranscoderPatience, AddRoutes{services_[next_]})
        .then(
            [this](const RoutesAdded&) {
              ++next_;
              go_on();
            },
            [this](const caf::error& why) {
              end_({Errc::kInternal,
                    "routes of " + services_[next_] + ": " + to_status(why).message()});
            });
  }

  const Transcoder transcoder_;
  const std::vector<std::string> services_;
  const PhaseEnd end_;
  std::size_t next_ = 0;
};

}  // namespace

NodeRoutes::NodeRoutes(System& system, const MethodTable& table, RouteOptions options)
    : system_(system),
      table_(table),
      routes_(std::make_shared<Published<RouteTable>>(std::make_shared<const RouteTable>(options))),
      transcoder_(spawn_transcoder(system, table, routes_)) {}

NodeRoutes::~NodeRoutes() { stop(transcoder_); }

void NodeRoutes::publish(PhaseEnd end) {
  std::set<std::string> services;
  for (const auto& [path, method] : table_.rows()) services.emplace(method.service());
  system_.caf().spawn<RoutesErrand>(
      transcoder_, std::vector<std::string>(services.begin(), services.end()), std::move(end));
}

}  // namespace brontes::detail
