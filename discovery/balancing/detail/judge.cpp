#include <brontes/discovery/balancing/detail/judge.hpp>

namespace brontes {

EndpointVerdicts judge(const EndpointSet& endpoints, const OutlierDetector& outliers,
                       const HealthLayer& health, const std::vector<Candidate>& called) {
  auto all = endpoints.verdicts();
  const bool some_ejected = outliers.ejected() > 0;
  auto next = called.begin();
  for (EndpointVerdict& verdict : all) {
    if (next != called.end() && next->endpoint == verdict.endpoint) {
      verdict.called = true;
      ++next;
    }
    verdict.ejected = some_ejected && outliers.is_ejected(*verdict.endpoint);
    verdict.serves = health.is_serving(*verdict.endpoint);
    if (verdict.serves && !verdict.ejected) continue;
    verdict.why =
        verdict.ejected ? outliers.why_ejected(*verdict.endpoint) : "says that it does not serve";
    if (verdict.called) verdict.why += "; called all the same, as too few are left";
  }
  return all;
}

}  // namespace brontes
