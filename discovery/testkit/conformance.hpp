// The suite that every registry passes, brontes' own and anybody's. A registry under test declares
// what it can do; what it cannot is checked to be refused, never skipped in silence.
//
//   struct Mine final : brontes::RegistryUnderTest {
//     explicit Mine(brontes::System& system) : life(spawn_my_registry(system)) {}
//     brontes::OpenRegistry registry() override { return {"mine:", life.registry, kMyFeatures}; }
//   };
//   const auto report = brontes::run_conformance([](brontes::System& system) {
//     return std::make_unique<Mine>(system);
//   });
//   std::cout << report.text();
//   return report.passed() ? 0 : 1;
//
// With GoogleTest each case is a test: conformance_gtest.hpp. docs/discovery.md has the rest.
#pragma once

#include <brontes/actors/system.hpp>
#include <brontes/discovery/registries/registries.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace brontes {

/// A registry, with the hand of an operator on it. Made anew for each case.
class RegistryUnderTest {
 public:
  virtual ~RegistryUnderTest() = default;

  /// Empty, but for what offer() put there. Its `features` are its declaration.
  virtual OpenRegistry registry() = 0;

  /// As if the lease's ttl were over. `ids` are those of its records. False: there is no such hand.
  virtual bool expire(LeaseId lease, const std::vector<std::string>& ids);
  /// Forgets the history up to now. False: there is no such hand, or no history.
  virtual bool compact();
  /// Of a registry that cannot be written: "svc" without a version is at these addresses, from now
  /// on and nowhere else. False: it cannot be made so.
  virtual bool offer(const std::vector<std::string>& addresses);
};

using MakeRegistry = std::function<std::unique_ptr<RegistryUnderTest>(System&)>;

/// How a case went.
struct ConformanceResult {
  std::string name;
  std::vector<std::string> failures;
  /// What the registry does not promise, so that there was nothing to see; "": it ran.
  std::string not_promised;
  bool passed() const { return failures.empty(); }
};

struct ConformanceReport {
  std::vector<ConformanceResult> results;
  bool passed() const;
  /// One line per case, and one per failure: "ok NAME", "-- NAME: why not", "FAILED NAME: what".
  std::string text() const;
};

struct ConformanceOptions {
  std::uint32_t first_seed = 1;
  std::uint32_t seeds = 5;  ///< so many random schedules
  int steps = 120;          ///< of each
};

/// A fact that holds of every registry which declares what it needs.
struct ConformanceCase {
  std::string name;  ///< "ALeaseIsGrantedAndRenewed", "RandomSchedule_7"
  std::function<ConformanceResult(const MakeRegistry&)> run;
};

/// Each runs by itself, on a System of its own, and blocks: seconds at most for one that conforms.
std::vector<ConformanceCase> conformance_cases(const ConformanceOptions& options = {});

ConformanceReport run_conformance(const MakeRegistry& make, const ConformanceOptions& options = {});

}  // namespace brontes
