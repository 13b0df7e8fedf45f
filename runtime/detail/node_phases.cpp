#include <algorithm>
#include <brontes/actors/log.hpp>
#include <brontes/runtime/detail/node_state.hpp>

namespace brontes {

using namespace std::chrono_literals;

namespace {

// What a caller sent before it was told to leave has come by then.
constexpr Duration kRoundTrips = 250ms;
// Connections on their way are handed over so long: less than both waits for what was sent.
constexpr Duration kLastConnections = 400ms;

}  // namespace

Phase Node::State::blocking(std::string name, Duration bound, std::function<Status()> work) {
  return {std::move(name), bound, threads.blocking([work = std::move(work)] {
            const Status said = work();
            if (said.message().find('\n') == std::string::npos) return said;
            std::string line = said.message();  // whoever reads the log wants one for a phase
            std::replace(line.begin(), line.end(), '\n', ' ');
            return Status(said.code(), std::move(line), said.details());
          })};
}

void Node::State::publish_routes(PhaseEnd end) {
  routes.emplace(system, table,
                 RouteOptions{settings.http.path_decoding, settings.http.unbound_methods});
  door_plan.method_routes = routes->published();
  routes->publish(std::move(end));
}

Status Node::State::open_doors() {
  if (given_up) return {Errc::kCancelled, "the start was given up"};
  doors.emplace(system, settings, table, health);
  door_plan.adopted = adopted;
  if (auto status = doors->open(std::move(door_plan)); !status.ok()) return status;
  metrics->add_source(detail::connection_metrics(doors->connection_counts()));
  registration.emplace(discovery, settings, doors->port());
  doors->set_serving(true);
  return {};
}

std::vector<Phase> Node::State::start_phases() {
  std::vector<Phase> phases;
  phases.push_back(blocking("check settings", 5s, [this] { return check(); }));
  phases.push_back(blocking("open the admin port", 5s, [this] { return open_admin(); }));
  phases.push_back(blocking("start handlers", 10s, [this] { return start_handlers(); }));
  for (const auto& [name, hook] : start_hooks) {
    phases.push_back(blocking("on_start " + name, 1min, hook));
    phases.back().may_be_left = true;
  }
  if (settings.mode != Mode::kGrpc)
    phases.push_back(
        {"publish routes", 5s, [this](PhaseEnd end) { publish_routes(std::move(end)); }});
  phases.push_back(blocking("open doors", 10s, [this] { return open_doors(); }));
  // The node's own certificate need not be one of a client.
  if (settings.probe.enabled && !settings.tls.client_ca.empty())
    log_info(kNodeLogger,
             "the advertised address is not probed cause=\"clients show certificates\"");
  else if (settings.probe.enabled)
    phases.push_back({"probe the advertised address", settings.probe.timeout + 1s,
                      [this](PhaseEnd end) { registration->probe(std::move(end)); }, false, false,
                      true});
  // A registry that is away is no reason not to serve; announcing goes on behind this.
  phases.push_back({"announce", 5s,
                    [this](PhaseEnd end) {
                      doors->limit_addresses();
                      registration->announce(std::move(end));
                    },
                    true, true, true});
  return phases;
}

Status Node::State::stop_actors() {
  supervisor.reset();
  routes.reset();
  Status worst;
  for (const auto& host : hosts)
    if (const Status status = host->stop(); worst.ok()) worst = status;
  return worst;
}

void Node::State::add_last_phases(std::vector<Phase>& phases) {
  if (doors) phases.push_back(blocking("close doors", 5s, [this] { return doors->close(); }));
  for (auto hook = stop_hooks.rbegin(); hook != stop_hooks.rend(); ++hook)
    phases.push_back(blocking("on_stop " + hook->first, 5s, hook->second));
  phases.push_back(blocking("stop actors", 10s, [this] { return stop_actors(); }));
  if (admin)
    phases.push_back(blocking("close the admin port", 2s, [this] {
      admin->close();
      return Status();
    }));
  phases.push_back(blocking("flush the log", 1s, [] {
    flush_log();
    return Status();
  }));
}

std::vector<Phase> Node::State::take_back_phases() {
  std::vector<Phase> phases;
  if (registration)
    phases.push_back(
        {"deregister", 3s, [this](PhaseEnd end) { registration->withdraw(2s, std::move(end)); }});
  add_last_phases(phases);
  return phases;
}

std::vector<Phase> Node::State::stop_phases() {
  std::vector<Phase> phases;
  phases.push_back({"drain the record", 3s, [this](PhaseEnd end) {
                      doors->wind_down();
                      registration->drain(2s, std::move(end));
                    }});
  phases.push_back(Phase::pause("keep serving", settings.drain.min));
  phases.push_back(
      {"deregister", 3s, [this](PhaseEnd end) { registration->withdraw(2s, std::move(end)); }});
  for (const char* name : {"tell callers to leave", "tell the last callers to leave"}) {
    phases.push_back({name, 1s, [this](const PhaseEnd& end) {
                        doors->go_away(kLastConnections);
                        end({});
                      }});
    phases.push_back(Phase::pause("serve those on their way", kRoundTrips));
  }
  const bool nobody_waits = settings.drain.max == Duration::zero();
  phases.push_back({"let calls end", settings.drain.max,
                    [this](PhaseEnd end) { doors->drain(std::move(end)); }, true, nobody_waits,
                    false, [this] { return doors->lose_no_call(); }});
  add_last_phases(phases);
  return phases;
}

}  // namespace brontes
