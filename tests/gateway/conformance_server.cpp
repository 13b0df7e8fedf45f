// Serves testsvc.proto over HTTP, for run_cases.py and for people:
//
//   conformance_server --listen 127.0.0.1:8080 --gateway '{"unescaping_mode":"AllCharacters"}'
//
// With --adopted the methods are those of stock gRPC services, behind the same gateway.
//
// Says `serving 127.0.0.1:PORT` once it does, and serves until SIGINT or SIGTERM.
#include <brontes/gateway/http_door.hpp>
#include <brontes/gateway/route_table.hpp>
#include <brontes/runtime/grpc/adopted_service.hpp>
#include <brontes/runtime/grpc/grpc_door.hpp>
#include <brontes/runtime/health_page.hpp>
#include <csignal>
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

/// testsvc.proto by stock services, and the door whose gRPC runs them.
class AdoptedBackend {
 public:
  Status add_to(MethodTable& table) {
    GrpcDoorOptions options;
    for (auto& service : conformance::stock_services(counts_)) {
      auto adopted = AdoptedService::adopt(std::move(service));
      if (!adopted) return adopted.error();
      for (const Method& row : (*adopted)->rows())
        if (Status status = table.add(row); !status.ok()) return status;
      options.adopted.push_back(std::move(*adopted));
    }
    auto door = GrpcDoor::open(table, std::move(options));
    if (!door) return door.error();
    door_ = std::move(*door);
    return {};
  }

 private:
  conformance::CancelCounts counts_;
  std::unique_ptr<GrpcDoor> door_;
};

int serve(const std::string& address, const conformance::GatewayConfig& config, bool adopted) {
  const sigset_t signals = block_stop_signals();
  MethodTable table;
  conformance::Backend backend;
  AdoptedBackend adopted_backend;
  if (!adopted)
    backend.add_to(table);
  else if (const Status status = adopted_backend.add_to(table); !status.ok())
    return fail_with(2, status.message());
  auto routes = std::make_shared<RouteTable>(config.routes);
  for (const Status& fault : routes->add_all(table)) std::cerr << fault.to_string() << '\n';
  HttpDoor door(table, std::make_shared<Published<RouteTable>>(std::move(routes)), config.door);
  if (config.healthz)
    if (const Status status = door.route("*", "/healthz", health_page(health_of_backend()));
        !status.ok())
      return fail_with(2, status.message());
  const auto port = door.start(address);
  if (!port) return fail_with(3, port.error().message());
  std::cout << "serving " << address.substr(0, address.rfind(':')) << ':' << *port << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = parse_arguments(argc, argv);
  if (!arguments) return std::cerr << kUsage, 2;
  const auto config = conformance::parse_gateway_config(arguments->gateway);
  if (!config) return fail_with(2, "--gateway: " + config.error().message());
  return serve(arguments->listen, *config, arguments->adopted);
}
