// How a load balancer sets its parts up: whom they tell, and what the log says of them.
#pragma once

#include <brontes/discovery/balancing/detail/endpoint_set.hpp>
#include <brontes/discovery/balancing/detail/health_layer.hpp>
#include <brontes/discovery/balancing/detail/outlier_detector.hpp>
#include <brontes/discovery/balancing/load_balancer.hpp>

namespace brontes::detail {

inline constexpr auto kLoadBalancerName = "discovery.load_balancer";

EndpointSetOptions endpoint_options(const LoadBalancerOptions& options, LoadBalancer self);
HealthOptions health_options(const LoadBalancerOptions& options, LoadBalancer self);
OutlierOptions outlier_options(const LoadBalancerOptions& options);

}  // namespace brontes::detail
