#include <brontes/actors/system.hpp>
#include <brontes/discovery/discovery.hpp>
#include <brontes/tools/cli/commands.hpp>
#include <brontes/tools/cli/until_signal.hpp>
#include <utility>

namespace brontes::cli {
namespace {

std::string line(char sign, const Instance& instance) {
  return std::string(1, sign) + ' ' + to_line(instance) + '\n';
}

std::string to_text(const DiscoveryEvent& event) {
  const Snapshot& snapshot = *event.snapshot;
  std::string text;
  for (const auto& instance : event.change.added) text += line('+', *instance);
  for (const auto& instance : event.change.updated) text += line('~', *instance);
  for (const auto& instance : event.change.removed) text += line('-', *instance);
  return text + "= " + std::to_string(snapshot.instances.size()) + " registered at revision " +
         std::to_string(snapshot.revision) + '\n';
}

void tell_stale(const Snapshot& snapshot, Output& output) {
  const auto since =
      std::chrono::duration_cast<std::chrono::milliseconds>(system_clock().now() - snapshot.proven);
  Json fields{{"age_ms", snapshot.proven == TimePoint{} ? Json() : Json(since.count())},
              {"cause", snapshot.cause.to_string()}};
  std::string text = "! stale: " + snapshot.cause.to_string();
  if (!snapshot.from_file.empty()) {
    fields["file"] = snapshot.from_file;
    text +=
        "; from disk, " + std::to_string(since.count() / 1000) + " s old: " + snapshot.from_file;
  }
  output.event("stale", fields, text + "; trying again without end\n");
}

/// Tells what a subscriber is told. Called by one thread at a time. `known`: whether the state was
/// told before; a watch that began without a registry tells it when there is one.
void tell(const DiscoveryEvent& event, bool& known, Output& output) {
  const Snapshot& snapshot = *event.snapshot;
  switch (event.type) {
    case DiscoveryEvent::Type::kSnapshot:
      break;
    case DiscoveryEvent::Type::kStale:
      tell_stale(snapshot, output);
      break;
    case DiscoveryEvent::Type::kLive:
      output.event("live", Json::object(), "! live again\n");
      break;
  }
  const bool proven = snapshot.proven != TimePoint{};
  const bool first = !std::exchange(known, known || proven) && proven;
  const bool news = event.type == DiscoveryEvent::Type::kSnapshot || !event.change.empty();
  if (first || news) output.event("snapshot", to_fields(snapshot), to_text(event));
}

Exit watch(const Arguments& arguments, Output& output) {
  const auto& names = arguments.positional();
  const auto query = parse_query(names.empty() ? "" : names[0]);
  if (!query) return refuse("watch", query.error(), output);

  UntilSignal until;
  const auto registry = registry_options(arguments);
  if (!registry) return refuse("watch", registry.error(), output);
  System system({.threads = 1});
  Discovery discovery(system, *registry);
  if (const Status status = discovery.check(); !status.ok()) return refuse("watch", status, output);
  bool known = false;
  const auto subscription =
      discovery.subscribe(*query, [&](const DiscoveryEvent& event) { tell(event, known, output); });
  if (!subscription) return refuse("watch", subscription.error(), output);
  until.wait();
  return kDone;
}

}  // namespace

Command watch_command() {
  return {{.name = "watch",
           .arguments = "[NAME[/VERSION]]",
           .summary = "prints what is registered, and each change, until SIGTERM or Ctrl-C",
           .max_arguments = 1,
           .options = with_common({registry_option()})},
          watch};
}

}  // namespace brontes::cli
