// Serves testsvc.proto over HTTP for run_cases.py, once for each configuration that the cases ask
// for and the gateway has. Prints one line `CONFIG=127.0.0.1:PORT` for each, then serves until its
// standard input ends. The line `ready` follows the last one.
#include <brontes/gateway/http_door.hpp>
#include <brontes/gateway/route_table.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "conformance_service.hpp"

namespace {

using namespace brontes;

struct Configuration {
  const char* name;
  RouteOptions routes = {};
  HttpDoorOptions door = {};
};

std::vector<Configuration> configurations() {
  std::vector<Configuration> all = {
      {"{}"},
      {R"({"unescaping_mode":"AllCharacters"})", {PathDecoding::kAll, false}, {}},
      {R"({"unescaping_mode":"AllExceptReserved"})", {PathDecoding::kAllExceptReserved, false}, {}},
      {R"({"unescaping_mode":"AllExceptSlash"})", {PathDecoding::kAllExceptSlash, false}, {}},
      {R"({"expose_unbound_methods":true})", {PathDecoding::kWhole, true}, {}},
      {R"({"method_not_allowed":405})"},
      {R"({"http_method_override":false,"path_length_fallback":false})"},
      {R"({"max_body_bytes":1048576})"},
      {R"({"read_header_timeout_ms":5000})"},
  };
  all[5].door.wrong_method_status = 405;
  all[6].door.method_override = all[6].door.form_as_get = false;
  all[7].door.max_body_bytes = 1048576;
  return all;
}

}  // namespace

int main() {
  MethodTable table;
  conformance::Backend backend;
  backend.add_to(table);
  std::vector<std::unique_ptr<HttpDoor>> doors;
  for (const Configuration& configuration : configurations()) {
    auto routes = std::make_shared<RouteTable>(configuration.routes);
    for (const Status& fault : routes->add_all(table)) std::cerr << fault.to_string() << '\n';
    auto published = std::make_shared<Published<RouteTable>>(std::move(routes));
    auto& door = *doors.emplace_back(
        std::make_unique<HttpDoor>(table, std::move(published), configuration.door));
    const auto port = door.start("127.0.0.1:0");
    if (!port) {
      std::cerr << port.error().to_string() << '\n';
      return 1;
    }
    std::cout << configuration.name << "=127.0.0.1:" << *port << std::endl;
  }
  std::cout << "ready" << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  return 0;
}
