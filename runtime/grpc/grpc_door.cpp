#include <absl/synchronization/mutex.h>
#include <fcntl.h>
#include <grpc/grpc.h>
#include <grpcpp/server.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <brontes/discovery/channel/grpc_log.hpp>
#include <brontes/runtime/detail/accept_pump.hpp>
#include <brontes/runtime/grpc/adopted_service.hpp>
#include <brontes/runtime/grpc/detail/adopted_services.hpp>
#include <brontes/runtime/grpc/detail/dispatch_service.hpp>
#include <brontes/runtime/grpc/detail/goaways.hpp>
#include <brontes/runtime/grpc/detail/grpc_privates.hpp>
#include <brontes/runtime/grpc/detail/health_rows.hpp>
#include <brontes/runtime/grpc/detail/server_setup.hpp>
#include <brontes/runtime/grpc/grpc_door.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace brontes {
namespace {

// Connections being set up when callers are told to leave are taken for so long.
constexpr auto kOwnPortsLastConnections = std::chrono::milliseconds(400);
// What a caller without calls has, to close its connection itself.
constexpr auto kLastRoundTrips = std::chrono::milliseconds(250);

using Services = std::vector<std::unique_ptr<detail::DispatchService>>;

void register_all(grpc::ServerBuilder& builder, const Services& services) {
  for (const auto& service : services) builder.RegisterService(service.get());
}

void prepare_socket(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);  // gRPC takes it as it is
}

}  // namespace

// The order of the members is that of their lives: calls, services, server.
struct GrpcDoor::State {
  std::shared_ptr<HealthState> health;
  MethodTable health_table;  // without a chain: nothing may refuse a probe
  detail::DoorScope calls, probes;
  Services services;
  detail::AdoptedServices adopted;
  detail::Inlet inlet;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<detail::BackServer> back;  // null: nothing was adopted
  std::optional<detail::Goaways> goaways;    // engaged while there is a server
  bool knows_all_calls = true;               // no services but those of the table

  std::mutex mutex;  // guards what follows
  bool draining = false, ended = false;
  std::condition_variable over;
  std::vector<std::function<void()>> when_ended;
  std::thread drainer;
  std::shared_ptr<detail::ConnectionLedger> ledger;  // of its own port
  std::optional<detail::AcceptPump> own_port;        // first to go: it calls adopt()

  explicit State(const MethodTable& table) : health_table(table.clock()) {}
  bool adopt(int fd, const std::string& early_bytes);
  void accept(const GrpcDoorOptions& options);
  void run_down();
  bool is_idle() const { return calls.in_flight() + probes.in_flight() == 0; }
  void close_when_idle();
};

Expected<std::unique_ptr<GrpcDoor>> GrpcDoor::open(const MethodTable& table,
                                                   GrpcDoorOptions options) {
  // Debian's abseil looks for lock cycles in release builds too, for a tenth of the CPU.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  route_grpc_log();
  auto state = std::make_unique<State>(table);
  if (Status fits = state->adopted.add(table, options.adopted, state->calls); !fits.ok())
    return fail(std::move(fits));
  state->services = detail::dispatch_services(table, state->calls, state->adopted.names());
  if (options.health) {
    state->health = options.health;
    if (Status added = detail::add_health(state->health_table, options.health); !added.ok())
      return fail(std::move(added));
    for (auto& service : detail::dispatch_services(state->health_table, state->probes))
      state->services.push_back(std::move(service));
  }

  grpc::ServerBuilder builder;
  if (Status opened = detail::open_inlet(builder, options, state->inlet); !opened.ok())
    return fail(std::move(opened));
  detail::apply(builder, options);
  register_all(builder, state->services);
  state->adopted.register_with(builder);
  const std::size_t known = detail::services_of(builder);
  if (options.customise) options.customise(builder);
  state->knows_all_calls = detail::services_of(builder) == known;
  state->server = builder.BuildAndStart();
  if (!state->server)
    return fail(Errc::kUnavailable, "start gRPC on '" + options.address +
                                        "': gRPC refused; the log says why (logger grpc)");
  if (!options.adopted.empty() && options.max_relayed_handlers > 0) {
    auto back = detail::BackServer::open(options.adopted, table.clock(), *state->server,
                                         {options.max_relayed_handlers, detail::quota_of(builder)});
    if (!back) return fail(back.error());
    state->back = std::move(*back);
  }
  state->goaways.emplace(*state->server);
  if (state->inlet.socket) state->accept(options);
  return std::unique_ptr<GrpcDoor>(new GrpcDoor(std::move(state)));
}

GrpcDoor::GrpcDoor(std::unique_ptr<State> state) : state_(std::move(state)) {}

GrpcDoor::~GrpcDoor() {
  cancel();
  state_->drainer.join();
}

int GrpcDoor::port() const { return state_->inlet.port; }

bool GrpcDoor::adopt(int fd, const std::string& early_bytes) {
  return !state_->own_port && state_->adopt(fd, early_bytes);
}

bool GrpcDoor::State::adopt(int fd, const std::string& early_bytes) {
  // Under the lock: gRPC leaks what is handed over after its shutdown has begun.
  const std::lock_guard lock(mutex);
  if (!inlet.acceptor || draining) return false;
  prepare_socket(fd);
  detail::Acceptor::NewConnectionParameters connection;
  connection.fd = fd;
  if (!early_bytes.empty()) {
    const grpc::Slice slice(early_bytes);
    connection.read_buffer = grpc::ByteBuffer(&slice, 1);
  }
  inlet.acceptor->HandleNewConnection(&connection);
  return true;
}

void GrpcDoor::State::accept(const GrpcDoorOptions& options) {
  detail::AcceptPump::Start start;
  start.socket = std::move(inlet.socket);
  start.options.grpc = [this](int fd, const std::string& early) { return adopt(fd, early); };
  start.options.spare_addresses = options.spare_addresses;
  start.ledger = ledger =
      std::make_shared<detail::ConnectionLedger>(options.max_connections, options.max_per_address);
  start.ended = [] {};
  own_port.emplace(std::move(start));
}

std::function<ConnectionCounts()> GrpcDoor::connection_counts() const {
  if (!state_->ledger) return {};
  return [ledger = state_->ledger] { return ledger->counts(); };
}

std::size_t GrpcDoor::calls_in_flight() const { return state_->calls.in_flight(); }

bool GrpcDoor::may_have_calls() const {
  const std::lock_guard lock(state_->mutex);
  return !state_->ended && (!state_->knows_all_calls || calls_in_flight() > 0);
}

void GrpcDoor::go_away() {
  if (state_->own_port) state_->own_port->finish(kOwnPortsLastConnections);
  const std::lock_guard lock(state_->mutex);
  if (!state_->draining) state_->goaways->send();
}

void GrpcDoor::drain(std::function<void()> ended) {
  go_away();
  bool is_first = false;
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->ended) {
      if (ended) state_->when_ended.push_back(std::exchange(ended, nullptr));
      is_first = !std::exchange(state_->draining, true);
      if (is_first) state_->drainer = std::thread([state = state_.get()] { state->run_down(); });
    }
  }
  if (state_->health) state_->health->end_watches();
  if (is_first && state_->knows_all_calls)
    for (detail::DoorScope* scope : {&state_->calls, &state_->probes})
      scope->drain([state = state_.get()] { state->close_when_idle(); });
  if (ended) ended();
}

// gRPC waits for the peer of each connection to answer, calls or not. One that is gone, or was
// never any good, does not.
void GrpcDoor::State::close_when_idle() {
  if (!is_idle()) return;
  const std::lock_guard lock(mutex);
  goaways->close_idle(kLastRoundTrips, [this] { return is_idle(); });
}

void GrpcDoor::State::run_down() {
  server->Shutdown();  // GOAWAY, then blocks until the last call is over
  server->Wait();
  std::vector<std::function<void()>> callbacks;
  {
    const std::lock_guard lock(mutex);
    ended = true;
    callbacks.swap(when_ended);
  }
  over.notify_all();
  for (const auto& callback : callbacks) callback();
}

void GrpcDoor::cancel() {
  drain();
  // First the mark, then the axe: a call that begins in between refuses itself.
  state_->calls.cancelling.store(true, std::memory_order_seq_cst);
  state_->probes.cancelling.store(true, std::memory_order_seq_cst);
  grpc_server_cancel_all_calls(state_->server->c_server());
}

void GrpcDoor::wait() {
  {
    std::unique_lock lock(state_->mutex);
    state_->over.wait(lock, [this] { return state_->ended; });
  }
  if (state_->back) state_->back->end();
}

}  // namespace brontes
