#include <brontes/discovery/balancing/detail/judge.hpp>

namespace brontes {

EndpointVerdicts judge(const EndpointSet& endpoints, const OutlierDetector& outliers,
                       const std::vector<Candidate>& called) {
  auto all = endpoints.verdicts();
  const bool some_ejected = outliers.ejected() > 0;
  auto next = called.begin();
  for (EndpointVerdict& verdict : all) {
    if (next != called.end() && next->endpoint == verdict.endpoint) {
      verdict.called = true;
      ++next;
    }
    verdict.ejected = some_ejected && outliers.is_ejected(*verdict.endpoint);
    if (!verdict.ejected) continue;
    verdict.why = outliers.why_ejected(*verdict.endpoint);
    if (verdict.called) verdict.why += "; called all the same, as too few are left";
  }
  return all;
}

}  // namespace brontes
