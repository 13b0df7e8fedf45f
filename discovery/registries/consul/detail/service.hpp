// A record as a Consul service: what is registered, and what is read back. The contract with
// hephfx; docs/discovery.md has the table.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/discovery/instance.hpp>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace brontes::consul {

inline constexpr const char* kDraining = "draining";  ///< output of the check of a drained record

/// The check's id, of which hephfx has the same notion.
std::string check_id(const std::string& instance_id);

/// As it comes back from Consul: weight 0 is 100, an IPv6 host has brackets, and so on.
Instance canonical(const Instance& instance);

/// The body of /v1/agent/service/register. Of a canonical record that validate() likes.
std::string registration(const Instance& instance, std::string_view prefix,
                         std::chrono::seconds ttl);

/// One service at one node.
struct Entry {
  enum class State { kServing, kDrained, kGone };
  Instance instance;
  State state = State::kServing;
};
/// One that is no record.
struct Unreadable {
  std::string id;  ///< of the service
  Entry::State state = Entry::State::kServing;
  Status why;
};
/// What an answer of /v1/health/service/NAME says.
struct Entries {
  std::vector<Entry> entries;  ///< under our prefix; `healthy` is set from the checks
  std::vector<Unreadable> unreadable;
};
/// kInternal when it is no such answer. An entry that cannot be read costs no other.
Expected<Entries> read_entries(std::string_view json, std::string_view prefix);

/// An answer of /v1/agent/service/ID; `healthy` is not said there. kInvalidArgument: no record.
Expected<Instance> read_agent_service(std::string_view json);

/// The names in an answer of /v1/catalog/services of services under our prefix.
Expected<std::set<std::string>> read_names(std::string_view json, std::string_view prefix);

}  // namespace brontes::consul
