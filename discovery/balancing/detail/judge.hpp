// One verdict per endpoint, of what is known of its record, its connection, its failures and its
// word.
#pragma once

#include <brontes/discovery/balancing/detail/endpoint_set.hpp>
#include <brontes/discovery/balancing/detail/health_layer.hpp>
#include <brontes/discovery/balancing/detail/outlier_detector.hpp>
#include <brontes/discovery/balancing/endpoint_verdict.hpp>
#include <vector>

namespace brontes {

/// `called`: whom the picker picks, by address, as the endpoints are.
EndpointVerdicts judge(const EndpointSet& endpoints, const OutlierDetector& outliers,
                       const HealthLayer& health, const std::vector<Candidate>& called);

}  // namespace brontes
