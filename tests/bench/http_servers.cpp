// The servers in C++ that bench_http loads:
//
//   http_servers beast|rest
//
//   beast  a bare Beast server that answers constants on one thread, the yardstick
//   rest   a node with function handlers and the chain that every node has: gRPC and REST on one
//          port, HTTP on one thread
//
// Prints {"mode":...,"port":...} and serves until standard input ends.
#include <boost/asio/io_context.hpp>
#include <brontes/actors/log.hpp>
#include <brontes/runtime/node.hpp>
#include <cstdio>
#include <string>
#include <thread>

#include "beast_server.hpp"
#include "server_process.hpp"
#include "shop.brontes.hpp"
#include "shop_bodies.hpp"

namespace brontes::bench {
namespace {

int serve_beast() {
  boost::asio::io_context io(1);
  const BeastServer server(io, small_exchange().reply, order_exchange().reply);
  const std::jthread serving([&io] { io.run(); });
  announce("beast", server.port());
  io.stop();
  return 0;
}

Functions<ShopMethods> shop() {
  Functions<ShopMethods> functions;
  functions.on<ShopMethods::Say>([](const SayRequest& request, SayReply& reply) -> Status {
    reply.set_message("hello, " + request.name());
    return {};
  });
  functions.on<ShopMethods::Place>([](const Order& order, Order& reply) -> Status {
    reply = order;
    reply.set_state(ACCEPTED);
    return {};
  });
  return functions;
}

int fail_with(const Status& status) {
  std::fprintf(stderr, "http_servers: %s\n", status.to_string().c_str());
  return 3;
}

int serve_rest() {
  const auto listen = parse_address("127.0.0.1:0");
  if (!listen) return fail_with(listen.error());
  Settings settings;
  settings.listen = *listen;
  settings.drain.min = Duration::zero();
  set_log_level(LogLevel::kError);
  Node node(settings);
  node.serve(shop());
  if (const Status started = node.start(); !started.ok()) return fail_with(started);
  announce("rest", node.http_port());
  const Status stopped = node.stop();
  return stopped.ok() ? 0 : fail_with(stopped);
}

}  // namespace
}  // namespace brontes::bench

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "beast") return brontes::bench::serve_beast();
  if (mode == "rest") return brontes::bench::serve_rest();
  std::fprintf(stderr, "usage: http_servers beast|rest\n");
  return 2;
}
