// Serves testsvc.proto over HTTP, for run_cases.py and for people:
//
//   conformance_server --listen 127.0.0.1:8080 --gateway '{"unescaping_mode":"AllCharacters"}'
//
// With --adopted the methods are those of stock gRPC services that a node has adopted, on its
// shared port.
//
// Says `serving 127.0.0.1:PORT` once it does, and serves until SIGINT or SIGTERM.
#include <brontes/gateway/http_door.hpp>
#include <brontes/gateway/route_table.hpp>
#include <brontes/runtime/health_page.hpp>
#include <brontes/runtime/node.hpp>
#include <csignal>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adopted_backend.hpp"
#include "conformance_service.hpp"
#include "gateway_config.hpp"

namespace {

using namespace brontes;

constexpr const char* kUsage =
    "usage: conformance_server --listen HOST:PORT [--gateway JSON] [--adopted]\n\n"
    "Port 0 is any free one. JSON is one object; tests/gateway/gateway_config.hpp lists its "
    "members. --adopted serves stock gRPC services.\n"
    "Exit code 2: wrong usage or settings, 3: the port cannot be had.\n";

struct Arguments {
  std::string listen, gateway = "{}";
  bool adopted = false;
};

// "--flag VALUE" or "--flag=VALUE"; --adopted has none.
std::optional<Arguments> parse_arguments(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--adopted") {
      arguments.adopted = true;
      continue;
    }
    const auto equals = word.find('=');
    const std::string_view flag = word.substr(0, equals);
    std::string* value = flag == "--listen"    ? &arguments.listen
                         : flag == "--gateway" ? &arguments.gateway
                                               : nullptr;
    if (!value) return {};
    if (equals == std::string_view::npos && ++i == argc) return {};
    *value = equals == std::string_view::npos ? argv[i] : word.substr(equals + 1);
  }
  if (arguments.listen.empty()) return {};
  return arguments;
}

// Before there are threads, so that all of them inherit it.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int fail_with(int code, std::string_view what) {
  std::cerr << "conformance_server: " << what << '\n';
  return code;
}

std::shared_ptr<const HealthState> health_of_backend() {
  auto health = std::make_shared<HealthState>();
  health->set("", true);
  health->set("up", true);
  health->set("down", false);
  return health;
}

// Says so, and returns when it is told to stop.
void serve_until_told(const std::string& address, std::uint16_t port, const sigset_t& signals) {
  std::cout << "serving " << address.substr(0, address.rfind(':')) << ':' << port << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
}

int serve_natively(const std::string& address, const conformance::GatewayConfig& config) {
  const sigset_t signals = block_stop_signals();
  MethodTable table;
  conformance::Backend backend;
  backend.add_to(table);
  auto routes = std::make_shared<RouteTable>(config.routes());
  for (const Status& fault : routes->add_all(table)) std::cerr << fault.to_string() << '\n';
  HttpDoor door(table, std::make_shared<Published<RouteTable>>(std::move(routes)), config.door());
  if (config.healthz)
    if (const Status status = door.route("*", "/healthz", health_page(health_of_backend()));
        !status.ok())
      return fail_with(2, status.message());
  const auto port = door.start(address);
  if (!port) return fail_with(3, port.error().message());
  serve_until_told(address, *port, signals);
  return 0;
}

int serve_adopted(const std::string& address, const conformance::GatewayConfig& config) {
  const sigset_t signals = block_stop_signals();
  const auto listen = parse_address(address);
  if (!listen) return fail_with(2, listen.error().message());
  set_log_level(LogLevel::kWarn);
  Settings settings{.listen = *listen, .http = config.http};
  settings.drain.min = settings.drain.max = Duration::zero();  // who still calls is cut off
  conformance::CancelCounts counts;
  Node node(settings);
  for (auto& service : conformance::stock_services(counts)) node.adopt(std::move(service));
  if (config.healthz) node.route("*", "/healthz", health_page(health_of_backend()));
  if (const Status status = node.start(); !status.ok()) return exit_with(status);
  serve_until_told(address, node.http_port(), signals);
  return exit_with(node.stop());
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = parse_arguments(argc, argv);
  if (!arguments) return std::cerr << kUsage, 2;
  const auto config = conformance::parse_gateway_config(arguments->gateway);
  if (!config) return fail_with(2, "--gateway: " + config.error().message());
  return (arguments->adopted ? serve_adopted : serve_natively)(arguments->listen, *config);
}
