// A server to be measured from outside: Echo over gRPC and HTTP, each on a free port, until it is
// killed. Countdown streams payloads of the size of its request's; Say tells how many replies have
// been made so far. Says `serving grpc=PORT http=PORT` on standard error.
#include <unistd.h>
#include <testing.brontes.hpp>

#include <atomic>
#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/call/method_table.hpp>
#include <brontes/gateway/http_door.hpp>
#include <brontes/gateway/route_table.hpp>
#include <brontes/runtime/grpc/grpc_door.hpp>
#include <iostream>
#include <memory>

using namespace brontes;
using brontes::testing::Answer;
using brontes::testing::Ask;
using Echo = brontes::testing::EchoMethods;

int main() {
  std::atomic<int> made{0};
  Functions<Echo> echo;
  echo.on<Echo::Say>([&made](const Ask&, Answer& answer) {
    answer.set_index(made);
    return Status();
  });
  echo.on<Echo::Countdown>([&made](const Ask& ask) {
    return [&made, left = ask.count(), payload = ask.payload()](Answer& answer) mutable {
      if (left == 0) return false;
      answer.set_index(left--);
      answer.set_payload(payload);
      ++made;
      return true;
    };
  });
  MethodTable table;
  for (const Method& method : echo.rows()) (void)table.add(method);

  RouteOptions options;
  options.unbound_methods = true;
  auto routes = std::make_shared<RouteTable>(options);
  for (const Status& fault : routes->add_all(table)) std::cerr << fault.to_string() << '\n';
  HttpDoor http(table, std::make_shared<Published<RouteTable>>(std::move(routes)));
  const auto http_port = http.start("127.0.0.1:0");
  GrpcDoorOptions grpc_options;
  grpc_options.address = "127.0.0.1:0";
  const auto grpc = GrpcDoor::open(table, std::move(grpc_options));
  if (!http_port || !grpc) {
    std::cerr << "no port\n";
    return 3;
  }
  std::cerr << "serving grpc=" << (*grpc)->port() << " http=" << *http_port << std::endl;
  for (;;) pause();
}
