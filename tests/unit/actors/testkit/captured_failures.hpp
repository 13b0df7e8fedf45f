#pragma once

#include <brontes/actors/testkit/reporter.hpp>
#include <string>
#include <vector>

namespace brontes::testing {

/// Collects the failures of scenarios while it lives, then restores GoogleTest's reporter.
struct CapturedFailures {
  CapturedFailures()
      : before(set_reporter([this](const std::source_location&, const std::string& text) {
          texts.push_back(text);
        })) {}
  ~CapturedFailures() { set_reporter(before); }
  CapturedFailures(const CapturedFailures&) = delete;
  CapturedFailures& operator=(const CapturedFailures&) = delete;

  std::vector<std::string> texts;
  Reporter before;
};

}  // namespace brontes::testing
