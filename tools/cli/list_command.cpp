#include <brontes/actors/system.hpp>
#include <brontes/discovery/discovery.hpp>
#include <brontes/tools/cli/commands.hpp>

namespace brontes::cli {
namespace {

using namespace std::chrono_literals;

Exit list(const Arguments& arguments, Output& output) {
  const auto& names = arguments.positional();
  const auto query = parse_query(names.empty() ? "" : names[0]);
  if (!query) return refuse("list", query.error(), output);
  const auto deadline = arguments.duration("--deadline", 5s, 1ms, 1h);
  if (!deadline) return refuse("list", deadline.error(), output);

  const auto registry = registry_options(arguments);
  if (!registry) return refuse("list", registry.error(), output);
  System system({.threads = 1});
  Discovery discovery(system, *registry);
  if (const Status status = discovery.check(); !status.ok()) return refuse("list", status, output);
  const auto snapshot = discovery.list(*query, *deadline);
  if (!snapshot && snapshot.error().code() == Errc::kInvalidArgument)
    return refuse("list", snapshot.error(), output);
  if (!snapshot) return refuse("list", snapshot.error(), output, kUnreachable);
  const bool found = !(*snapshot)->instances.empty();
  output.event("snapshot", to_fields(**snapshot),
               found ? to_table(**snapshot)
                     : (names.empty() ? "nothing" : "nothing of that name") +
                           std::string(" is registered") +
                           memory_hint(discovery.options().registry) + "\n");
  return found ? kDone : kNegative;
}

}  // namespace

Command list_command() {
  return {{.name = "list",
           .arguments = "[NAME[/VERSION]]",
           .summary = "prints what is registered; exit 1 when nothing is",
           .max_arguments = 1,
           .options =
               with_common({registry_option(),
                            {"--deadline", "TIME",
                             "how long to try, 3s or 500ms; a bare number is ms (default 5s)"}})},
          list};
}

}  // namespace brontes::cli
