#include <brontes/actors/log.hpp>
#include <brontes/runtime/detail/node_state.hpp>
#include <brontes/runtime/grpc/adopted_service.hpp>
#include <future>

namespace brontes {

namespace detail {

void NodeEvents::push(NodeEvent event) {
  const std::lock_guard lock(mutex_);
  events_.push_back(std::move(event));
  changed_.notify_one();
}

NodeEvent NodeEvents::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !events_.empty(); });
  NodeEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}  // namespace detail

using namespace std::chrono_literals;

namespace {

constexpr const char* kLogger = "runtime.node";

/// Told by the first start of each replica; crashes later on are the host's business.
class FirstStart {
 public:
  explicit FirstStart(std::size_t replicas) : left_(replicas) {}

  void note(const Status& status) {
    const std::lock_guard lock(mutex_);
    if (left_ == 0) return;
    left_ = status.ok() ? left_ - 1 : 0;
    if (left_ == 0) outcome_.set_value(status);
  }
  std::future<Status> outcome() { return outcome_.get_future(); }

 private:
  std::mutex mutex_;
  std::size_t left_;
  std::promise<Status> outcome_;
};

HostOptions watched(HostOptions options, std::shared_ptr<FirstStart> first) {
  options.on_started = [first = std::move(first),
                        also = std::move(options.on_started)](const Status& status) {
    first->note(status);
    if (also) also(status);
  };
  return options;
}

Status adopted_twice(std::string_view path) {
  return {Errc::kInvalidArgument,
          "adopt " + std::string(path) + ": the node serves it already; a method has one handler"};
}

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
      discovery(system, {settings.registry, settings.registries}) {
  supervisor.emplace(system, root_options(events));
  collector = std::make_shared<MetricsCollector>(system, metrics);
}

Node::State::~State() = default;

bool Node::State::is_adopted(std::string_view path) const {
  for (const auto& service : adopted)
    for (const Method& row : service->rows())
      if (row.path == path) return true;
  return false;
}

void Node::State::add_row(Method row) {
  const std::string_view path = row.path;
  Status added = table.add(std::move(row));
  if (added.ok()) return;
  note(is_adopted(path) ? adopted_twice(path) : std::move(added));
}

bool Node::State::takes(const char* what) const {
  const std::lock_guard lock(stage_mutex);
  if (stage == Stage::kNew) return true;
  log_error(kLogger, "{} came too late and has no effect cause=\"the node was started\"", what);
  return false;
}

// The rows of actors come into the table later, when the actors are made.
Status Node::State::check_actors() const {
  std::set<std::string_view> seen;
  for (const auto& plan : host_plans)
    for (const Method& row : plan.rows) {
      if (is_adopted(row.path)) return adopted_twice(row.path);
      if (table.find(row.path) != nullptr || !seen.insert(row.path).second)
        return {Errc::kAlreadyExists, std::string(row.path) + " is served twice"};
    }
  return {};
}

Status Node::State::check() {
  if (!mistake.ok()) return mistake;
  if (Status status = check_actors(); !status.ok()) return status;
  if (Status status = brontes::check(settings); !status.ok()) return status;
  if (Status status = detail::check_record(settings); !status.ok()) return status;
  if (settings.mode == Mode::kGrpc && !door_plan.routes.empty())
    log_warn(kLogger, "routes are not served cause=\"mode grpc has no HTTP\" routes={}",
             door_plan.routes.size());
  if (const auto chain = make_chain(); !chain) return chain.error();
  return discovery.check();
}

Status Node::State::start_handlers() {
  for (auto& plan : host_plans) {
    if (given_up) return {Errc::kCancelled, "the start was given up"};
    const std::string service(plan.rows.empty() ? "" : plan.rows.front().service());
    auto first = std::make_shared<FirstStart>(plan.service.options.replicas);
    auto started = first->outcome();
    auto host = ServiceHost::open(system, table, std::move(plan.rows),
                                  watched(plan.service.options, std::move(first)),
                                  std::move(plan.service.make));
    if (!host) return host.error();
    hosts.push_back(std::move(*host));
    mailboxes->add(service, hosts.back()->waiting());
    if (const Status status = started.get(); !status.ok())
      return {status.code(), service + ": " + status.message()};
  }
  host_plans.clear();
  return {};
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
  log_info(kLogger, "serving name={} address={} grpc_port={} http_port={}", settings.name,
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
