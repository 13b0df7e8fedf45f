#include <brontes/gateway/path_template.hpp>
#include <brontes/runtime/detail/node_state.hpp>
#include <brontes/runtime/grpc/adopted_service.hpp>
#include <brontes/runtime/node.hpp>
#include <future>

namespace brontes {

using detail::NodeEvent;

namespace {

Status check_route(const detail::DoorPlan& plan, const std::string& method,
                   const std::string& path_template, const HttpHandler& handler) {
  const auto bad = [&](const std::string& why) {
    return Status(Errc::kInvalidArgument, "route " + method + " " + path_template + ": " + why);
  };
  if (method.empty()) return bad("the HTTP method is empty; \"*\" is any");
  if (!handler) return bad("the handler is empty");
  if (const auto path = PathTemplate::parse(path_template); !path)
    return bad(path.error().message());
  for (const auto& other : plan.routes)
    if (other.method == method && other.path_template == path_template)
      return bad("there is one already");
  return {};
}

}  // namespace

Node::Node(Settings settings) : state_(std::make_unique<State>(std::move(settings), nullptr)) {}
Node::Node(Settings settings, System& system)
    : state_(std::make_unique<State>(std::move(settings), &system)) {}

Node::~Node() { (void)stop(); }

Node& Node::serve_rows(std::vector<Method> rows) {
  if (!state_->takes("serve")) return *this;
  for (auto& row : rows) state_->add_row(std::move(row));
  return *this;
}

Node& Node::serve_actor(std::vector<Method> rows, ActorService service) {
  if (!state_->takes("serve")) return *this;
  state_->host_plans.push_back({std::move(rows), std::move(service)});
  return *this;
}

Node& Node::adopt(std::shared_ptr<grpc::Service> service) {
  auto adopted = AdoptedService::adopt(std::move(service));
  if (!adopted) {
    state_->note(adopted.error());
    return *this;
  }
  state_->adopted.push_back(*adopted);
  return serve_rows((*adopted)->rows());
}

Node& Node::intercept(std::shared_ptr<Interceptor> interceptor, std::string before) {
  if (!state_->takes("intercept")) return *this;
  if (!interceptor) {
    state_->note({Errc::kInvalidArgument, "intercept: the interceptor is null"});
    return *this;
  }
  state_->interceptors.emplace_back(std::move(interceptor), std::move(before));
  return *this;
}

Node& Node::authenticate(AuthenticationHook hook) {
  if (state_->authentication)
    state_->note({Errc::kInvalidArgument, "authenticate: the node has a hook already"});
  else
    state_->authentication = std::make_shared<Authentication>(std::move(hook));
  return *this;
}

Validation& Node::validation() { return *state_->validation; }

Node& Node::route(std::string method, std::string path_template, HttpHandler handler) {
  if (!state_->takes("route")) return *this;
  if (Status good = check_route(state_->door_plan, method, path_template, handler); !good.ok())
    state_->note(std::move(good));
  state_->door_plan.routes.push_back(
      {std::move(method), std::move(path_template), std::move(handler)});
  return *this;
}

Node& Node::customise_grpc(std::function<void(grpc::ServerBuilder&)> customise) {
  state_->door_plan.customise = std::move(customise);
  return *this;
}

Node& Node::on_start(std::string name, NodeHook hook) {
  state_->start_hooks.emplace_back(std::move(name), std::move(hook));
  return *this;
}

Node& Node::on_stop(std::string name, NodeHook hook) {
  state_->stop_hooks.emplace_back(std::move(name), std::move(hook));
  return *this;
}

const Settings& Node::settings() const { return state_->settings; }
std::uint16_t Node::port() const { return state_->doors ? state_->doors->port() : 0; }
std::uint16_t Node::http_port() const { return state_->doors ? state_->doors->http_port() : 0; }
std::uint16_t Node::admin_port() const { return state_->admin ? state_->admin->port() : 0; }
Metrics& Node::metrics() { return *state_->metrics; }
HealthState& Node::health() { return *state_->health; }
std::string Node::address() const {
  return state_->registration ? state_->registration->address().value_or("") : "";
}
System& Node::system() { return state_->system; }
Supervisor& Node::supervisor() { return *state_->supervisor; }
Discovery& Node::discovery() { return state_->discovery; }
Expected<Channel> Node::channel(const std::string& name_or_target) {
  if (name_or_target.find_first_of(".:/") != std::string::npos)
    return channel(name_or_target, ChannelOptions());
  return state_->named_channel(name_or_target);
}
Expected<Channel> Node::channel(const std::string& target, ChannelOptions options) {
  const Settings& settings = state_->settings;
  if (!options.balancing) options.balancing = settings.balancing;
  if (!options.deadline_margin) options.deadline_margin = settings.calls.deadline_margin;
  return Channel::open(state_->discovery, target, std::move(options));
}
void Node::escalate(Status why) {
  state_->events.push({NodeEvent::Type::kEscalated, 0, std::move(why)});
}

Status Node::start() {
  if (const Status status = state_->enter_start(); !status.ok()) return status;
  const auto ended = std::make_shared<std::promise<Status>>();
  state_->begin_start([ended](Status status) { ended->set_value(std::move(status)); });
  return ended->get_future().get();
}

Status Node::stop() {
  state_->settle();
  if (!state_->enter_stop()) return {};
  const auto ended = std::make_shared<std::promise<Status>>();
  state_->begin_stop([ended](Status status) { ended->set_value(std::move(status)); });
  return ended->get_future().get();
}

void Node::hurry() {
  const std::lock_guard lock(state_->stage_mutex);
  state_->under_way.hurry();
}

void Node::kill() {
  state_->settle();
  if (state_->enter_stop()) state_->kill();
}

}  // namespace brontes
