#include <brontes/actors/log.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/gateway/transcoder.hpp>
#include <set>

namespace brontes {
namespace {

constexpr std::string_view kLogger = "gateway.transcoder";

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
        log_warn(kLogger, "route conflict service={} reason=\"{}\"", service, conflict.message());
      if (table->routes().size() != routes_->get()->routes().size()) services_.insert(service);
      log_info(kLogger, "routes published service={} routes={}", service, table->routes().size());
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

}  // namespace

Transcoder spawn_transcoder(System& system, const MethodTable& methods, PublishedRoutes routes) {
  const auto state = std::make_shared<TranscoderState>(methods, std::move(routes));
  return system.caf().spawn([state]() -> Transcoder::behavior_type {
    return {[state](const AddRoutes& request) { return state->add(request.service); }};
  });
}

}  // namespace brontes
