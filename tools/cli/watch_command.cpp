#include <algorithm>
#include <brontes/actors/system.hpp>
#include <brontes/discovery/channel/channel.hpp>
#include <brontes/discovery/discovery.hpp>
#include <brontes/tools/cli/commands.hpp>
#include <brontes/tools/cli/health_watch.hpp>
#include <brontes/tools/cli/tls_options.hpp>
#include <brontes/tools/cli/until_signal.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

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

std::string to_text(const std::vector<EndpointHealth>& all) {
  std::size_t widest = 0;
  for (const EndpointHealth& each : all) widest = std::max(widest, each.address.size());
  std::string text;
  for (const EndpointHealth& each : all) {
    std::string line = "? " + each.address;
    line.resize(widest + 4, ' ');
    line += each.verdict;
    if (!each.why.empty()) line += ": " + each.why;
    text += line + '\n';
  }
  return text.empty() ? "? no endpoints\n" : text;
}

void tell_health(const std::vector<EndpointHealth>& all, Output& output) {
  Json endpoints = Json::array();
  for (const EndpointHealth& each : all)
    endpoints.push_back({{"address", each.address}, {"verdict", each.verdict}, {"why", each.why}});
  output.event("health", {{"endpoints", std::move(endpoints)}}, to_text(all));
}

/// Once a second, and told when it has changed.
void watch_health(HealthWatch& health, UntilSignal& until, std::mutex& mutex, Output& output) {
  std::optional<std::vector<EndpointHealth>> told;
  do {
    auto now = health.look();
    if (now == told) continue;
    const std::lock_guard lock(mutex);
    tell_health(now, output);
    told = std::move(now);
  } while (!until.wait_for(std::chrono::seconds(1)));
}

Expected<std::unique_ptr<HealthWatch>> open_health(const Arguments& arguments, Discovery& discovery,
                                                   const Query& query) {
  if (query.name.empty())
    return fail(Errc::kInvalidArgument, "--health needs the name of a service");
  auto tls = read_tls(arguments);
  if (!tls) return fail(tls.error());
  ChannelOptions options;
  options.tls = *tls;
  auto channel = Channel::open(discovery, "discovery:///" + query.to_string(), options);
  if (!channel) return fail(channel.error());
  return std::make_unique<HealthWatch>(discovery.system(), std::move(*channel), std::move(*tls),
                                       query.name);
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
  std::mutex mutex;  // one speaks at a time
  std::unique_ptr<HealthWatch> health;
  if (arguments.has("--health")) {
    auto opened = open_health(arguments, discovery, *query);
    if (!opened) return refuse("watch", opened.error(), output);
    health = std::move(*opened);
  }
  const auto subscription = discovery.subscribe(*query, [&](const DiscoveryEvent& event) {
    const std::lock_guard lock(mutex);
    tell(event, known, output);
  });
  if (!subscription) return refuse("watch", subscription.error(), output);
  if (health)
    watch_health(*health, until, mutex, output);
  else
    until.wait();
  return kDone;
}

}  // namespace

Command watch_command() {
  return {
      {.name = "watch",
       .arguments = "[NAME[/VERSION]]",
       .summary = "prints what is registered, and each change, until SIGTERM or Ctrl-C\n\n"
                  "With --health it connects to each instance of NAME and asks once a second how "
                  "it is\n(grpc.health.v1): what stands with it, and why.",
       .max_arguments = 1,
       .options = with_common(
           with_tls({registry_option(), {"--health", "", "ask the instances how they are"}}))},
      watch};
}

}  // namespace brontes::cli
