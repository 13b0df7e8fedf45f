#include <brontes/actors/log.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/gateway/transcoder.hpp>
#include <set>

namespace brontes {
namespace {

constexpr std::string_view kTranscoderLogger = "gateway.transcoder";

class TranscoderState {
 public:
  TranscoderState(const MethodTable& methods, PublishedRoutes routes)
      : methods_(methods), routes_(std::move(routes)) {}

  RoutesAdded add(const std::string& service) {
    auto table = std::make_shared<RouteTable>(*routes_->get());
    RoutesAdded answer;
    if (!services_.contains(service)) {
      answer.conflicts = table->add_service(methods_, service);
      for (const Status& conflict : answer.conflicts)
        log_warn(kTranscoderLogger, "route conflict service={} reason=\"{}\"", service,
                 conflict.message());
      if (table->routes().size() != routes_->get()->routes().size()) services_.insert(service);
      log_info(kTranscoderLogger, "routes published service={} routes={}", service,
               table->routes().size());
    }
    answer.count = table->routes().size();
    routes_->publish(std::move(table));
    return answer;
  }

 private:
  const MethodTable& methods_;
  PublishedRoutes routes_;
  std::set<std::string> services_;
};

// A class: CAF 0.17 binds a null reference when it spawns a lambda without arguments.
class TranscoderActor final : public Transcoder::base {
 public:
  TranscoderActor(caf::actor_config& config, const MethodTable* methods, PublishedRoutes routes)
      : Transcoder::base(config), state_(*methods, std::move(routes)) {}

  const char* name() const override { return "gateway.transcoder"; }
  behavior_type make_behavior() override {
    return {[this](const AddRoutes& request) { return state_.add(request.service); }};
  }

 private:
  TranscoderState state_;
};

}  // namespace

Transcoder spawn_transcoder(System& system, const MethodTable& methods, PublishedRoutes routes) {
  return system.caf().spawn<TranscoderActor>(&methods, std::move(routes));
}

}  // namespace brontes
