// Where a scenario's failed expectations go.
#pragma once

#include <functional>
#include <source_location>
#include <string>

namespace brontes {

/// Called with the line of the test that failed and the whole text. May throw, except when called
/// from the scenario's destructor.
using Reporter = std::function<void(const std::source_location& where, const std::string& text)>;

/// For all scenarios of the process. By default a failure is printed and the process aborts;
/// including testkit/gtest.hpp makes it a GoogleTest failure. Returns the one before.
Reporter set_reporter(Reporter reporter);

/// Hands a failure to the reporter.
void report_failure(const std::source_location& where, const std::string& text);

}  // namespace brontes
