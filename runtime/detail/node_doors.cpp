#include <brontes/actors/log.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/runtime/detail/node_doors.hpp>
#include <brontes/runtime/detail/tls_material.hpp>
#include <brontes/runtime/health_page.hpp>
#include <set>

namespace brontes::detail {
namespace {

constexpr const char* kDoorsLogger = "runtime.node";

TlsFiles tls_files(const Settings& settings) {
  return {settings.tls.cert, settings.tls.key, settings.tls.client_ca};
}

/// Null: plain text.
Expected<std::shared_ptr<ssl_ctx_st>> https(const Settings& settings) {
  if (settings.tls.cert.empty()) return nullptr;
  const auto material = load_tls(tls_files(settings));
  if (!material) return fail(material.error());
  return https_context(*material);
}

HttpDoorOptions http_options(const Settings& settings, std::shared_ptr<ssl_ctx_st> tls) {
  HttpDoorOptions options;
  options.threads = settings.http.threads;
  options.max_header_bytes = settings.http.max_header_bytes;
  options.max_body_bytes = settings.http.max_body_bytes;
  options.max_connections = settings.limits.connections;
  options.tls = std::move(tls);
  options.header_timeout = settings.http.header_timeout;
  options.body_timeout = settings.http.body_timeout;
  options.write_timeout = settings.http.write_timeout;
  options.idle_timeout = settings.http.idle_timeout;
  if (settings.http.json == JsonProfile::kProto3) options.json = JsonOptions::proto3();
  options.form_as_get = settings.http.form_as_get;
  options.method_override = settings.http.method_override;
  options.wrong_method_status = settings.http.wrong_method_status;
  return options;
}

GrpcDoorOptions grpc_options(const Settings& settings) {
  GrpcDoorOptions options;
  if (settings.mode != Mode::kShared) options.address = settings.listen.to_string();
  if (!settings.tls.cert.empty()) options.tls = tls_files(settings);
  options.max_connections = settings.limits.connections;
  options.max_per_address = settings.limits.connections_per_address;
  options.max_request_bytes = settings.limits.request_bytes;
  options.max_reply_bytes = settings.limits.reply_bytes;
  options.max_connection_age = settings.limits.connection_age;
  options.reflection = settings.reflection;
  options.max_relayed_handlers =
      settings.mode == Mode::kGrpc ? 0 : settings.limits.sync_rest_handlers;
  return options;
}

ConnectionCounts sum(ConnectionCounts a, const ConnectionCounts& b) {
  a.accepted += b.accepted;
  a.grpc += b.grpc;
  a.http += b.http;
  a.refused += b.refused;
  a.crowding += b.crowding;
  a.timed_out += b.timed_out;
  a.unwanted += b.unwanted;
  a.open += b.open;
  return a;
}

/// Ends a phase when both doors have said that they are done.
class BothDone {
 public:
  explicit BothDone(int doors, PhaseEnd end) : left_(doors), end_(std::move(end)) {
    if (doors == 0) end_({});
  }
  void one() {
    if (--left_ == 0) end_({});
  }

 private:
  std::atomic<int> left_;
  PhaseEnd end_;
};

}  // namespace

NodeDoors::NodeDoors(System& system, const Settings& settings, const MethodTable& table,
                     std::shared_ptr<HealthState> health)
    : system_(system), settings_(settings), table_(table), health_(std::move(health)) {}

NodeDoors::~NodeDoors() { (void)close(); }

Status NodeDoors::open(DoorPlan plan) {
  if (settings_.mode != Mode::kGrpc)
    if (auto status = open_http(plan); !status.ok()) return status;
  if (auto status = open_grpc(plan); !status.ok()) return status;
  return bind();
}

Status NodeDoors::open_http(DoorPlan& plan) {
  auto tls = https(settings_);
  if (!tls) return tls.error();
  http_ = std::make_unique<HttpDoor>(table_, plan.method_routes,
                                     http_options(settings_, std::move(*tls)));
  for (auto& route : plan.routes) {
    auto status = http_->route(route.method, route.path_template, std::move(route.handler));
    if (!status.ok()) return status;
  }
  const std::string& path = settings_.http.health_path;
  return path.empty() ? Status() : http_->route("*", path, health_page(health_));
}

Status NodeDoors::open_grpc(DoorPlan& plan) {
  auto options = grpc_options(settings_);
  options.spare_addresses = spare_addresses();
  options.health = health_;
  options.adopted = std::move(plan.adopted);
  options.customise = std::move(plan.customise);
  auto door = GrpcDoor::open(table_, std::move(options));
  if (!door) return door.error();
  grpc_ = std::move(*door);
  if (settings_.mode != Mode::kShared) port_ = static_cast<std::uint16_t>(grpc_->port());
  return {};
}

Status NodeDoors::bind() {
  if (settings_.mode == Mode::kGrpc) return {};
  const bool shared = settings_.mode == Mode::kShared;
  ListenerOptions options;
  options.address = (shared ? settings_.listen : settings_.http_listen).to_string();
  options.http = http_taker();
  if (shared) options.grpc = grpc_taker();
  options.tls = !settings_.tls.cert.empty();
  options.patience = settings_.http.header_timeout;
  options.max_connections = settings_.limits.connections;
  options.max_per_address = settings_.limits.connections_per_address;
  options.spare_addresses = spare_addresses();
  auto listener = listen(system_, std::move(options));
  if (!listener) return listener.error();
  listener_ = std::move(*listener);
  http_port_ = listener_->port;
  if (shared) port_ = listener_->port;
  return {};
}

AdoptSocket NodeDoors::grpc_taker() {
  return [gate = gate_, door = grpc_.get()](int fd, const std::string& early) {
    const std::lock_guard lock(gate->mutex);
    return gate->open && door->adopt(fd, early);
  };
}

AdoptSocket NodeDoors::http_taker() {
  return [gate = gate_, door = http_.get()](int fd, std::string early) {
    const std::lock_guard lock(gate->mutex);
    if (gate->open) door->adopt(fd, std::move(early));
    return gate->open;
  };
}

std::function<ConnectionCounts()> NodeDoors::connection_counts() const {
  auto of_grpc = grpc_->connection_counts();
  if (!listener_) return of_grpc;
  if (!of_grpc) return listener_->counts;
  return [of_grpc = std::move(of_grpc), of_http = listener_->counts] {
    return sum(of_grpc(), of_http());
  };
}

std::function<bool()> NodeDoors::spare_addresses() const {
  return [limits = limits_addresses_] { return !*limits; };
}

void NodeDoors::shut_gate() {
  const std::lock_guard lock(gate_->mutex);
  gate_->open = false;
}

void NodeDoors::set_serving(bool serving) {
  health_->set("", serving);
  std::set<std::string> services;
  for (const auto& [path, method] : table_.rows()) services.emplace(method.service());
  for (const auto& service : services) health_->set(service, serving);
}

void NodeDoors::wind_down() {
  set_serving(false);
  if (http_) http_->wind_down();
}

void NodeDoors::go_away(Duration grace) {
  if (listener_) tell(listener_->actor, StopListening{grace});
  if (grpc_) grpc_->go_away();
}

void NodeDoors::drain(PhaseEnd end) {
  const auto both = std::make_shared<BothDone>((grpc_ ? 1 : 0) + (http_ ? 1 : 0), std::move(end));
  if (grpc_) grpc_->drain([both] { both->one(); });
  if (http_) http_->drain(TimePoint::max(), [both](bool) { both->one(); });
}

Status NodeDoors::lose_no_call() const {
  const std::size_t of_http = http_ ? http_->calls() : 0;
  const bool of_grpc = grpc_ && grpc_->may_have_calls();
  if (of_http == 0 && !of_grpc) {
    log_info(kDoorsLogger, "closing who is still connected http={} cause=\"no call is lost\"",
             http_ ? http_->connections() : 0);
    return {};
  }
  return {Errc::kDeadlineExceeded, "calls have not ended in " + to_string(settings_.drain.max) +
                                       " (drain.max): " + std::to_string(of_http) + " over HTTP, " +
                                       std::to_string(grpc_ ? grpc_->calls_in_flight() : 0) +
                                       " over gRPC; they are cancelled"};
}

Status NodeDoors::close() {
  shut_gate();
  if (listener_) stop(listener_->actor);
  if (grpc_) grpc_->cancel();
  if (http_) http_->stop();
  if (grpc_) grpc_->wait();
  return {};
}

void NodeDoors::sever() {
  shut_gate();
  if (listener_) tell(listener_->actor, StopListening{});
  for (const std::uint16_t port : {port_, http_port_})
    if (port != 0) shut_sockets_of(port);
}

}  // namespace brontes::detail
