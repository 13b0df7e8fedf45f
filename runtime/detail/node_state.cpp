#include <brontes/actors/log.hpp>
#include <brontes/runtime/detail/node_state.hpp>

namespace brontes {

using namespace std::chrono_literals;

namespace {

SupervisorOptions root_options(detail::NodeEvents& events) {
  SupervisorOptions options;
  options.name = "node";
  options.on_escalation = [&events](const Status& why) {
    events.push({detail::NodeEvent::Type::kEscalated, 0, why});
  };
  return options;
}

}  // namespace

Node::State::State(Settings given, System* shared)
    : own_system(shared ? nullptr : std::make_unique<System>(SystemOptions{given.threads})),
      system(shared ? *shared : *own_system),
      settings(std::move(given)),
      table(system.clock()),
      discovery(system, {settings.registry, settings.registries, settings.registry_access,
                         settings.snapshot_dir}) {
  supervisor.emplace(system, root_options(events));
  collector = std::make_shared<MetricsCollector>(system, metrics);
}

Node::State::~State() = default;

bool Node::State::takes(const char* what) const {
  const std::lock_guard lock(stage_mutex);
  if (stage == Stage::kNew) return true;
  log_error(kNodeLogger, "{} came too late and has no effect cause=\"the node was started\"", what);
  return false;
}

Status Node::State::check() {
  if (!mistake.ok()) return mistake;
  if (Status status = check_actors(); !status.ok()) return status;
  if (Status status = brontes::check(settings); !status.ok()) return status;
  if (Status status = detail::check_record(settings); !status.ok()) return status;
  if (settings.mode == Mode::kGrpc && !door_plan.routes.empty())
    log_warn(kNodeLogger, "routes are not served cause=\"mode grpc has no HTTP\" routes={}",
             door_plan.routes.size());
  if (const auto chain = make_chain(); !chain) return chain.error();
  if (Status status = discovery.check(); !status.ok()) return status;
  return check_channels();
}

void Node::State::enter(Stage next) {
  const std::lock_guard lock(stage_mutex);
  stage = next;
  stage_changed.notify_all();
}

Status Node::State::enter_start() {
  const std::lock_guard lock(stage_mutex);
  if (stage != Stage::kNew)
    return {Errc::kFailedPrecondition, "start node: a node starts once; make another one"};
  stage = Stage::kStarting;
  return {};
}

bool Node::State::enter_stop() {
  const std::lock_guard lock(stage_mutex);
  if (stage != Stage::kServing) return false;
  stage = Stage::kStopping;
  return true;
}

void Node::State::settle() {
  std::unique_lock lock(stage_mutex);
  if (stage == Stage::kStarting) under_way.break_off();
  stage_changed.wait(lock,
                     [this] { return stage != Stage::kStarting && stage != Stage::kStopping; });
}

void Node::State::break_off() {
  const std::lock_guard lock(stage_mutex);
  under_way.break_off();
}

void Node::State::begin_start(std::function<void(Status)> done) {
  const std::lock_guard lock(stage_mutex);
  under_way = run_phases(system, "start", start_phases(), OnFailure::kBreakOff,
                         [this, done = std::move(done)](const std::vector<PhaseReport>& reports) {
                           started(first_failure(reports), done);
                         });
}

void Node::State::started(const Status& status, const std::function<void(Status)>& done) {
  if (!status.ok()) {
    given_up = true;
    return run_stop("take back", take_back_phases(),
                    [done, status](const Status&) { done(status); });
  }
  enter(Stage::kServing);
  log_info(kNodeLogger, "serving name={} address={} grpc_port={} http_port={}", settings.name,
           registration->address().value_or(""), doors->port(), doors->http_port());
  done({});
}

void Node::State::begin_stop(std::function<void(Status)> done) {
  run_stop("stop", stop_phases(), std::move(done));
}

void Node::State::run_stop(std::string what, std::vector<Phase> phases,
                           std::function<void(Status)> done) {
  const std::lock_guard lock(stage_mutex);
  under_way = run_phases(system, std::move(what), std::move(phases), OnFailure::kGoOn,
                         [this, done = std::move(done)](const std::vector<PhaseReport>& reports) {
                           const Status status = first_failure(reports);
                           events.push({detail::NodeEvent::Type::kStopped, 0, status});
                           enter(Stage::kStopped);
                           done(status);
                         });
}

void Node::State::kill() {
  registration->abandon();
  if (admin) admin->close();
  doors->sever();
  (void)doors->close();
  (void)stop_actors();
  events.push({detail::NodeEvent::Type::kStopped, 0, {}});
  enter(Stage::kStopped);
}

}  // namespace brontes
