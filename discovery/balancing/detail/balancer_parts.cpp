#include <brontes/actors/log.hpp>
#include <brontes/discovery/balancing/detail/balancer_parts.hpp>
#include <utility>

namespace brontes::detail {

EndpointSetOptions endpoint_options(const LoadBalancerOptions& options, LoadBalancer self) {
  EndpointSetOptions made;
  made.transport = options.transport;
  made.load = options.load;
  made.authority = options.authority;
  made.max_connecting = options.max_connecting;
  made.connects_per_second = options.connects_per_second;
  made.close_after = options.close_after;
  made.on_connectivity = [self = std::move(self)](std::weak_ptr<Endpoint> endpoint,
                                                  Connectivity state) {
    tell(self, ConnectivityChanged{std::move(endpoint), state});
  };
  return made;
}

HealthOptions health_options(const LoadBalancerOptions& options, LoadBalancer self) {
  HealthOptions made;
  made.service = options.health_service;
  made.told = [self = std::move(self)](std::weak_ptr<Endpoint> endpoint, std::uint64_t watch,
                                       Health health) {
    tell(self, HealthReported{std::move(endpoint), watch, health});
  };
  return made;
}

OutlierOptions outlier_options(const LoadBalancerOptions& options) {
  OutlierOptions made;
  made.enabled = options.ejection;
  made.on_change = [service = options.service](const Endpoint& endpoint, const std::string& why,
                                               Duration time) {
    if (why.empty())
      log_info(kLoadBalancerName, "returned service={} address={}", service, endpoint.address());
    else
      log_warn(kLoadBalancerName, "ejected service={} address={} why=\"{}\" for_s={}", service,
               endpoint.address(), why,
               std::chrono::duration_cast<std::chrono::seconds>(time).count());
  };
  return made;
}

}  // namespace brontes::detail
