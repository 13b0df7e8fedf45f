// The conformance suite as tests of GoogleTest: link it yourself. At namespace scope of a test:
//
//   const bool registered = brontes::register_conformance("mine", [](brontes::System& system) {
//     return std::make_unique<Mine>(system);
//   });
#pragma once

#include <gtest/gtest.h>

#include <brontes/discovery/testkit/conformance.hpp>
#include <functional>
#include <iostream>
#include <string>
#include <utility>

namespace brontes {

namespace detail {
class ConformanceTest : public ::testing::Test {
 public:
  ConformanceTest(ConformanceCase which, MakeRegistry make, std::function<std::string()> missing)
      : which_(std::move(which)), make_(std::move(make)), missing_(std::move(missing)) {}

  void TestBody() override {
    if (const std::string why = missing_ ? missing_() : ""; !why.empty()) GTEST_SKIP() << why;
    const ConformanceResult result = which_.run(make_);
    for (const std::string& failure : result.failures) ADD_FAILURE() << failure;
    if (!result.not_promised.empty()) RecordProperty("not_promised", result.not_promised);
    if (!result.not_promised.empty()) std::cout << "not promised: " << result.not_promised << '\n';
  }

 private:
  ConformanceCase which_;
  MakeRegistry make_;
  std::function<std::string()> missing_;
};
}  // namespace detail

/// Each case is the test "Conformance_KIND.NAME". `missing` says why this machine cannot run them,
/// which skips them; "": it can. To be called before RUN_ALL_TESTS; always true.
inline bool register_conformance(const std::string& kind, const MakeRegistry& make,
                                 const ConformanceOptions& options = {},
                                 const std::function<std::string()>& missing = nullptr) {
  for (const ConformanceCase& each : conformance_cases(options))
    ::testing::RegisterTest(("Conformance_" + kind).c_str(), each.name.c_str(), nullptr, nullptr,
                            __FILE__, __LINE__,
                            [each, make, missing]() -> detail::ConformanceTest* {
                              return new detail::ConformanceTest(each, make, missing);
                            });
  return true;
}

}  // namespace brontes
