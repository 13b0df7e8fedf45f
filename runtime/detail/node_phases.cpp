#include <brontes/actors/log.hpp>
#include <brontes/runtime/detail/node_state.hpp>

namespace brontes {

using namespace std::chrono_literals;

namespace {

// What a caller sent before it was told to leave has come by then.
constexpr Duration kRoundTrips = 250ms;

}  // namespace

Phase Node::State::blocking(std::string name, Duration bound, std::function<Status()> work) {
  return {std::move(name), bound, threads.blocking(std::move(work))};
}

Status Node::State::open_doors() {
  doors.emplace(system, settings, table);
  if (auto status = doors->open(std::move(door_plan)); !status.ok()) return status;
  registration.emplace(discovery, settings, doors->port());
  doors->set_serving(true);
  return {};
}

std::vector<Phase> Node::State::start_phases() {
  std::vector<Phase> phases;
  phases.push_back(blocking("check settings", 5s, [this] { return check(); }));
  phases.push_back(blocking("start handlers", 10s, [this] { return start_handlers(); }));
  for (const auto& [name, hook] : start_hooks)
    phases.push_back(blocking("on_start " + name, 1min, hook));
  phases.push_back(blocking("open doors", 10s, [this] { return open_doors(); }));
  // A channel of ours speaks plain text only.
  if (settings.probe.enabled && settings.tls.cert.empty())
    phases.push_back({"probe the advertised address", settings.probe.timeout + 1s,
                      [this](PhaseEnd end) { registration->probe(std::move(end)); }});
  // A registry that is away is no reason not to serve; announcing goes on behind this.
  phases.push_back({"announce", 5s,
                    [this](PhaseEnd end) { registration->announce(std::move(end)); }, true, true});
  return phases;
}

Status Node::State::stop_actors() {
  supervisor.reset();
  Status worst;
  for (const auto& host : hosts)
    if (const Status status = host->stop(); worst.ok()) worst = status;
  return worst;
}

std::vector<Phase> Node::State::stop_phases() {
  std::vector<Phase> phases;
  if (registration) {
    phases.push_back({"drain the record", 3s, [this](PhaseEnd end) {
                        doors->wind_down();
                        registration->drain(2s, std::move(end));
                      }});
    phases.push_back(Phase::pause("keep serving", settings.drain.min));
    phases.push_back(
        {"deregister", 3s, [this](PhaseEnd end) { registration->withdraw(2s, std::move(end)); }});
    for (const char* name : {"tell callers to leave", "tell the last callers to leave"}) {
      phases.push_back({name, 1s, [this](PhaseEnd end) {
                          doors->go_away();
                          end({});
                        }});
      phases.push_back(Phase::pause("serve those on their way", kRoundTrips));
    }
    phases.push_back({"let calls end", settings.drain.max,
                      [this](PhaseEnd end) { doors->drain(settings.drain.max, std::move(end)); },
                      true});
  }
  if (doors) phases.push_back(blocking("close doors", 5s, [this] { return doors->close(); }));
  for (auto hook = stop_hooks.rbegin(); hook != stop_hooks.rend(); ++hook)
    phases.push_back(blocking("on_stop " + hook->first, 5s, hook->second));
  phases.push_back(blocking("stop actors", 10s, [this] { return stop_actors(); }));
  phases.push_back(blocking("flush the log", 1s, [] {
    flush_log();
    return Status();
  }));
  return phases;
}

}  // namespace brontes
