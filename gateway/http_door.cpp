#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <brontes/actors/log.hpp>
#include <brontes/gateway/detail/http_session.hpp>
#include <brontes/gateway/http_door.hpp>
#include <brontes/gateway/route_table.hpp>
#include <optional>
#include <thread>
#include <vector>

namespace brontes {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::string_view kDoorLogger = "gateway.http_door";
constexpr Duration kAcceptPause = std::chrono::milliseconds(100);

// One thread with its connections.
struct Worker {
  asio::io_context io{1};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
  std::thread thread;
};

struct HostPort {
  std::string host, port;
};
std::optional<HostPort> split_address(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos || colon + 1 == address.size()) return {};
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  return HostPort{host.empty() ? "0.0.0.0" : host, address.substr(colon + 1)};
}

}  // namespace

struct HttpDoor::State {
  State(const MethodTable& methods, std::shared_ptr<const Published<RouteTable>> routes,
        HttpDoorOptions options)
      : service{methods, std::move(routes), options} {
    for (std::size_t i = 0; i < std::max<std::size_t>(options.threads, 1); ++i) {
      auto& worker = *workers.emplace_back(std::make_unique<Worker>());
      worker.work.emplace(worker.io.get_executor());
      worker.thread = std::thread([&worker] { worker.io.run(); });
    }
  }

  Worker& next_worker() { return *workers[turn++ % workers.size()]; }
  Expected<std::uint16_t> listen(const std::string& address);
  void accept();
  void serve(tcp::socket socket, Worker& worker, std::string early_bytes);
  void close_acceptor();
  template <class F>
  void for_each_session(F f);
  void report_drained(bool clean);
  void stop();

  detail::HttpService service;
  std::vector<std::unique_ptr<Worker>> workers;
  std::atomic<std::size_t> turn{0};
  std::atomic<bool> stopped{false};
  // Both are used on the first worker's thread only, once it listens.
  std::optional<tcp::acceptor> acceptor;
  std::optional<asio::steady_timer> pause, drain_end;

  std::mutex mutex;
  std::function<void(bool)> drained;
};

Expected<std::uint16_t> HttpDoor::State::listen(const std::string& address) {
  const auto error = [&](const std::string& why) {
    return fail(Errc::kUnavailable, "listen on " + address + ": " + why);
  };
  const auto parts = split_address(address);
  if (!parts)
    return fail(Errc::kInvalidArgument, "listen on '" + address + "': expected host:port");
  boost::system::error_code code;
  tcp::resolver resolver(workers.front()->io);
  const auto found = resolver.resolve(parts->host, parts->port, tcp::resolver::passive, code);
  if (code || found.empty()) return error("the host cannot be resolved: " + code.message());
  const tcp::endpoint endpoint = *found.begin();
  tcp::acceptor made(workers.front()->io);
  made.open(endpoint.protocol(), code);
  if (!code) made.set_option(asio::socket_base::reuse_address(true), code);
  if (!code) made.bind(endpoint, code);
  if (!code) made.listen(asio::socket_base::max_listen_connections, code);
  if (code == asio::error::address_in_use) return error("address in use");
  if (code) return error(code.message());
  const auto port = made.local_endpoint(code).port();
  acceptor = std::move(made);
  asio::post(workers.front()->io, [this] { accept(); });
  return port;
}

void HttpDoor::State::accept() {
  Worker& worker = next_worker();
  acceptor->async_accept(
      worker.io, [this, &worker](boost::system::error_code error, tcp::socket socket) {
        if (error == asio::error::operation_aborted) return;
        if (!error) {
          serve(std::move(socket), worker, {});
          return service.draining ? void() : accept();
        }
        if (service.draining) return;
        // Out of descriptors, usually: accepting again at once would only burn the thread.
        log_warn(kDoorLogger, "accept failed error=\"{}\" retry_ms={}", error.message(), 100);
        pause.emplace(workers.front()->io);
        pause->expires_after(kAcceptPause);
        pause->async_wait([this](boost::system::error_code cancelled) {
          if (!cancelled && acceptor->is_open()) accept();
        });
      });
}

void HttpDoor::State::serve(tcp::socket socket, Worker& worker, std::string early_bytes) {
  const auto session = std::make_shared<detail::HttpSession>(std::move(socket), worker.io, service,
                                                             std::move(early_bytes));
  if (!session->start() && !stopped)
    log_warn(kDoorLogger, "connection refused limit={}", service.options.max_connections);
}

void HttpDoor::State::close_acceptor() {
  asio::post(workers.front()->io, [this] {
    boost::system::error_code ignored;
    if (acceptor) acceptor->close(ignored);
    if (pause) pause->cancel();
  });
}

// Without the lock: ours may be the last pointer to a session, and its end takes the lock.
template <class F>
void HttpDoor::State::for_each_session(F f) {
  std::vector<std::shared_ptr<detail::HttpSession>> sessions;
  {
    const std::lock_guard lock(service.mutex);
    for (detail::HttpSession* session : service.sessions)
      if (auto alive = session->weak_from_this().lock()) sessions.push_back(std::move(alive));
  }
  for (const auto& session : sessions) f(*session);
}

void HttpDoor::State::report_drained(bool clean) {
  std::function<void(bool)> report;
  {
    const std::lock_guard lock(mutex);
    report.swap(drained);
  }
  if (report) report(clean);
}

void HttpDoor::State::stop() {
  if (stopped.exchange(true)) return;
  service.winding_down = service.draining = true;
  close_acceptor();
  asio::post(workers.front()->io, [this] {
    if (drain_end) drain_end->cancel();
  });
  {
    const std::lock_guard lock(service.mutex);
    service.stopped = true;
  }
  for_each_session([](detail::HttpSession& session) { session.abort(); });
  // A worker ends with its last session: each holds it until its call has let go.
  for (auto& worker : workers) worker->work.reset();
  for (auto& worker : workers) worker->thread.join();
  report_drained(true);
}

HttpDoor::HttpDoor(const MethodTable& methods, std::shared_ptr<const Published<RouteTable>> routes,
                   HttpDoorOptions options)
    : state_(std::make_unique<State>(methods, std::move(routes), options)) {}

HttpDoor::~HttpDoor() { stop(); }

Status HttpDoor::route(const std::string& method, const std::string& path_template,
                       HttpHandler handler) {
  auto path = PathTemplate::parse(path_template);
  if (!path) return path.error();
  state_->service.custom.push_back({method, std::move(*path), std::move(handler)});
  return {};
}

Expected<std::uint16_t> HttpDoor::start(const std::string& address) {
  if (state_->acceptor || state_->stopped)
    return fail(Errc::kFailedPrecondition,
                "listen on " + address + ": the door was started before");
  return state_->listen(address);
}

void HttpDoor::adopt(int fd, std::string early_bytes) {
  Worker& worker = state_->next_worker();
  tcp::socket socket(worker.io);
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
  boost::system::error_code error;
  socket.assign(name.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), fd, error);
  if (error) {
    log_warn(kDoorLogger, "adopt failed error=\"{}\"", error.message());
    ::close(fd);
    return;
  }
  if (!state_->stopped) state_->serve(std::move(socket), worker, std::move(early_bytes));
}

void HttpDoor::wind_down() { state_->service.winding_down = true; }

void HttpDoor::drain(TimePoint until, std::function<void(bool)> drained) {
  State& state = *state_;
  {
    const std::lock_guard lock(state.mutex);
    state.drained = std::move(drained);
  }
  state.service.winding_down = state.service.draining = true;
  state.close_acceptor();
  bool empty = false;
  {
    const std::lock_guard lock(state.service.mutex);
    empty = state.service.sessions.empty();
    state.service.on_empty = [&state] {
      asio::post(state.workers.front()->io, [&state] { state.report_drained(true); });
    };
  }
  if (empty) return state.report_drained(true);
  state.for_each_session([](detail::HttpSession& session) { session.drain(); });
  if (until == TimePoint::max()) return;
  asio::post(state.workers.front()->io, [&state, until] {
    state.drain_end.emplace(state.workers.front()->io, until);
    state.drain_end->async_wait([&state](boost::system::error_code error) {
      if (!error) state.report_drained(false);
    });
  });
}

void HttpDoor::stop() { state_->stop(); }

std::size_t HttpDoor::connections() const {
  const std::lock_guard lock(state_->service.mutex);
  return state_->service.sessions.size();
}

std::size_t HttpDoor::calls() const { return state_->service.calls; }

HandshakeCounts HttpDoor::handshakes() const {
  return {state_->service.handshakes_failed, state_->service.handshakes_timed_out};
}

}  // namespace brontes
