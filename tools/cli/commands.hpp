// The commands of `brontes`.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/tools/cli/arguments.hpp>
#include <brontes/tools/cli/output.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace brontes {
struct DiscoveryOptions;
struct Query;
}  // namespace brontes

namespace brontes::cli {

/// A command: what it takes and what it does.
struct Command {
  CommandSpec spec;
  Exit (*run)(const Arguments& arguments, Output& output);
};

Command list_command();
Command watch_command();
Command register_command();
Command call_command();
Command registry_command();
Command scenario_command();

/// Runs `brontes WORDS...`. The only place that turns bad usage into its exit code.
Exit run(const std::vector<std::string>& words);

/// "N", "N/V" or "" (everything). kInvalidArgument for more slashes.
Expected<Query> parse_query(std::string_view text);

/// Says why a command cannot do what it was asked to, on standard error and as an `error` event.
Exit refuse(const std::string& command, const Status& why, Output& output, Exit exit = kBadUsage);

/// --registry, which most commands take.
Option registry_option();
/// What it says, and who we are to it: BRONTES_REGISTRY_AUTH_* and BRONTES_REGISTRY_TLS_* of the
/// environment, as a node reads them. kInvalidArgument names what is wrong with these.
Expected<DiscoveryOptions> registry_options(const Arguments& arguments);

/// Why a memory: registry is empty here; "" for all others.
std::string memory_hint(std::string_view registry);

/// Options that every command has.
std::vector<Option> with_common(std::vector<Option> options);

}  // namespace brontes::cli
