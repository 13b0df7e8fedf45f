// What every registry does, as whoever uses it sees it: over memory:, static:, dns:, `brontes
// registry`, a real etcd and a real Consul. And that the suite bites.
#include <brontes/discovery/registries/memory_registry.hpp>
#include <brontes/discovery/testkit/conformance_gtest.hpp>

#include "backend.hpp"

namespace brontes::testing {
namespace {

bool over(const std::string& kind, std::uint32_t seeds) {
  return register_conformance(
      kind, [kind](System& system) { return make_backend(kind, system); }, {.seeds = seeds},
      [kind] { return why_no(kind); });
}

[[maybe_unused]] const bool kRegistered = over("memory", 10) && over("static", 3) &&
                                          over("dns", 3) && over("served", 5) && over("etcd", 3) &&
                                          over("consul", 3);

/// The memory registry, with a fault.
class Faulty : public RegistryUnderTest {
 public:
  explicit Faulty(System& system) : registries_(system) {}
  OpenRegistry registry() override {
    OpenRegistry open = *registries_.open("memory:");
    open.features = features;
    return open;
  }
  bool expire(LeaseId lease, const std::vector<std::string>&) override {
    if (expires) tell(memory_control(registry().registry), ExpireLease{lease});
    return true;
  }

  RegistryFeatures features;
  bool expires = true;

 private:
  Registries registries_;
};

/// The names of the cases that fail.
std::string failures_of(const std::function<void(Faulty&)>& spoil) {
  std::string names;
  const auto report = run_conformance(
      [&](System& system) {
        auto faulty = std::make_unique<Faulty>(system);
        spoil(*faulty);
        return faulty;
      },
      {.seeds = 1});
  for (const ConformanceResult& result : report.results)
    if (!result.passed()) names += result.name + ' ';
  EXPECT_EQ(report.passed(), names.empty()) << report.text();
  return names;
}

TEST(ConformanceSuite, PassesARegistryThatConforms) {
  EXPECT_EQ(failures_of([](Faulty&) {}), "");
}

TEST(ConformanceSuite, NoticesALeaseThatDoesNotEnd) {
  const std::string failed = failures_of([](Faulty& faulty) { faulty.expires = false; });
  EXPECT_NE(failed.find("ALeaseThatIsGoneIsNotFound"), std::string::npos) << failed;
  EXPECT_NE(failed.find("RandomSchedule_1"), std::string::npos) << failed;
}

TEST(ConformanceSuite, NoticesADeclarationThatIsNotKept) {
  EXPECT_EQ(failures_of([](Faulty& faulty) { faulty.features.lists_all = false; }),
            "WhatIsDeclaredAwayIsRefused ");
  EXPECT_NE(failures_of([](Faulty& faulty) {
              faulty.features.writable = false;
            }).find("WhatIsDeclaredAwayIsRefused"),
            std::string::npos);
}

TEST(ConformanceSuite, SaysWhatItCouldNotSee) {
  const auto report = run_conformance(
      [](System& system) { return std::make_unique<Faulty>(system); }, {.seeds = 0});
  const std::string text = report.text();
  EXPECT_NE(text.find("-- AWatchOfForgottenHistoryIsOutOfRange: it has no hand that forgets"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("ok ALeaseIsGrantedAndRenewed"), std::string::npos) << text;
}

}  // namespace
}  // namespace brontes::testing
