// A scenario as it was read from a file, and what comes of playing it. docs/scenarios.md is the
// manual.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/discovery/testkit/world.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace brontes::scenario {

using Act = std::function<void(World&)>;

/// What was there, as it is shown, and whether it is what was expected.
struct Seen {
  std::string value;
  bool holds = false;
};

/// "share.c: <= 5%"
struct Expectation {
  std::string name;    ///< "share.c"
  std::string wanted;  ///< "<= 5%"
  int line = 0;
  /// Of what happened after that moment.
  std::function<Seen(World&, TimePoint since)> look;
};

/// First what is expected so far, then what changes.
struct Step {
  Duration at{};
  int line = 0;
  Duration since{};  ///< expectations count from there
  std::vector<Expectation> expected;
  std::vector<Act> acts;
};

/// A value. Plays any number of times.
struct Script {
  std::string title;
  WorldOptions world;
  std::vector<Act> setup;
  std::vector<Step> steps;  ///< by time
  std::string log_hash;     ///< "": the file tells none
};

/// kInvalidArgument: "FILE:LINE: KEY: what is wrong and what may stand there". kNotFound: no file.
Expected<Script> read_script(const std::string& path);
/// The same of a text; `path` is for what it complains of.
Expected<Script> parse_script(const std::string& text, const std::string& path);

struct StepOutcome {
  const Step* step = nullptr;  ///< of the script
  std::vector<Seen> seen;      ///< for each of its expectations
  bool passed() const;
};

struct Outcome {
  std::vector<StepOutcome> steps;
  std::vector<std::string>
      troubles;  ///< of the harness: actors that never rest, or outlive the end
  std::string log_hash;
  std::deque<std::string> log;
  bool passed() const;
};

/// Plays it; blocks for as long as it takes. One at a time in a process. The script outlives what
/// it returns.
Outcome play(const Script& script, std::uint64_t seed);

}  // namespace brontes::scenario
