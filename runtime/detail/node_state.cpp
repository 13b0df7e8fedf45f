#include <brontes/actors/log.hpp>
#include <brontes/runtime/detail/node_state.hpp>
#include <brontes/runtime/interceptors/access_log.hpp>
#include <brontes/runtime/interceptors/deadline.hpp>
#include <brontes/runtime/interceptors/request_id.hpp>
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

/// Told by the first construction of each replica; crashes later on are the host's business.
class FirstConstruction {
 public:
  explicit FirstConstruction(std::size_t replicas) : left_(replicas) {}

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

ServiceFactory watched(ServiceFactory make, std::shared_ptr<FirstConstruction> first) {
  return [make = std::move(make), first = std::move(first)] {
    try {
      auto made = make();
      first->note({});
      return made;
    } catch (const std::exception& error) {
      first->note({Errc::kInternal, std::string("its constructor threw: ") + error.what()});
      throw;
    } catch (...) {
      first->note({Errc::kInternal, "its constructor threw something that is no std::exception"});
      throw;
    }
  };
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
  table.intercept(std::make_shared<RequestId>());
  table.intercept(std::make_shared<AccessLog>(settings.calls.log));
  table.intercept(std::make_shared<Deadline>(
      system, DeadlineOptions{settings.calls.default_timeout, settings.calls.max_timeout}));
}

Node::State::~State() = default;

Status Node::State::check() {
  if (!mistake.ok()) return mistake;
  return discovery.check();
}

Status Node::State::start_handlers() {
  for (auto& plan : host_plans) {
    const std::string service(plan.rows.empty() ? "" : plan.rows.front().service());
    const auto first = std::make_shared<FirstConstruction>(plan.service.options.replicas);
    auto built = first->outcome();
    auto host = ServiceHost::open(system, table, std::move(plan.rows), plan.service.options,
                                  watched(std::move(plan.service.make), first));
    if (!host) return host.error();
    hosts.push_back(std::move(*host));
    if (const Status status = built.get(); !status.ok())
      return {status.code(), service + ": " + status.message()};
  }
  host_plans.clear();
  return {};
}

void Node::State::enter(Stage next) {
  const std::lock_guard lock(stage_mutex);
  stage = next;
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

void Node::State::begin_start(std::function<void(Status)> done) {
  const std::lock_guard lock(stage_mutex);
  under_way = run_phases(system, "start", start_phases(), OnFailure::kBreakOff,
                         [this, done = std::move(done)](const std::vector<PhaseReport>& reports) {
                           started(first_failure(reports), done);
                         });
}

void Node::State::started(const Status& status, const std::function<void(Status)>& done) {
  if (!status.ok()) {
    begin_stop([done, status](const Status&) { done(status); });
    const std::lock_guard lock(stage_mutex);
    return under_way.hurry();
  }
  enter(Stage::kServing);
  log_info(kLogger, "serving name={} address={} grpc_port={} http_port={}", settings.name,
           registration->address().value_or(""), doors->port(), doors->http_port());
  done({});
}

void Node::State::begin_stop(std::function<void(Status)> done) {
  const std::lock_guard lock(stage_mutex);
  under_way = run_phases(system, "stop", stop_phases(), OnFailure::kGoOn,
                         [this, done = std::move(done)](const std::vector<PhaseReport>& reports) {
                           enter(Stage::kStopped);
                           done(first_failure(reports));
                         });
}

void Node::State::kill() {
  registration->abandon();
  doors->sever();
  (void)doors->close();
  (void)stop_actors();
  enter(Stage::kStopped);
}

}  // namespace brontes
