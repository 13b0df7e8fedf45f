// What a command says: text for people, or with --json one object a line, flushed at once.
#pragma once

#include <brontes/actors/clock.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace brontes {
struct Instance;
struct Snapshot;
class Status;
}  // namespace brontes

namespace brontes::cli {

using Json = nlohmann::ordered_json;

/// Exit codes of every command.
enum Exit { kDone = 0, kNegative = 1, kBadUsage = 2, kUnreachable = 3 };

/// Not thread-safe.
class Output {
 public:
  /// Times count from now.
  explicit Output(bool json, const Clock& clock = system_clock());

  /// {"event":name,"at_ms":...,members of `fields`...}, or `text` (with its newlines) for people.
  void event(std::string_view name, const Json& fields, std::string_view text);

 private:
  const bool json_;
  const Clock& clock_;
  const TimePoint start_;
};

/// One line on standard error.
void complain(std::string_view text);

/// Members revision, epoch, status and instances of a `snapshot` event.
Json to_fields(const Snapshot& snapshot);
/// "greeter/v1 at 10.0.0.7:80 (ID), weight 100", and whether it drains.
std::string to_line(const Instance& instance);
/// The same as a table.
std::string to_table(const Snapshot& snapshot);

}  // namespace brontes::cli
