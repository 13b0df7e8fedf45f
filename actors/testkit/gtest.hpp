// Scenarios in GoogleTest. The only header of the testkit that includes gtest; link it yourself.
#pragma once

#include <gtest/gtest.h>

#include <brontes/actors/testkit/scenario.hpp>

namespace brontes {

namespace detail {
inline const bool reports_to_gtest = [] {
  set_reporter([](const std::source_location& where, const std::string& text) {
    ADD_FAILURE_AT(where.file_name(), static_cast<int>(where.line())) << text;
  });
  return true;
}();
}  // namespace detail

/// A fixture that brings the nine words into the body of a TEST_F:
///   using LeaseKeeperScenario = brontes::ScenarioTest;
class ScenarioTest : public ::testing::Test, public Scenario {};

}  // namespace brontes
