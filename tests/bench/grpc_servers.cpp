// The servers that tools/bench.sh compares, all with the same Echo service:
//
//   grpc_servers MODE [HOST:PORT]
//
//   raw        gRPC's generated callback service, the yardstick
//   raw_sync   the same with its sync service
//   chainless  a node's gRPC door alone, with a function handler: no interceptors
//   function   a node with a function handler, gRPC on a port of its own
//   actor      the same with a service actor, run in place
//   pool       the same with a service actor, run on the pool
//   shared     as function, with gRPC and REST on one port
//   adopted        a node that has adopted the service of raw, gRPC on a port of its own
//   adopted_sync   the same with that of raw_sync
//
// The nodes have the chain that every node has: request id, access log, deadline. Prints
// {"mode":...,"port":...}, serves until standard input ends, then prints what it used:
// {"mode":...,"cpu_us":...}.
#include <absl/synchronization/mutex.h>
#include <grpcpp/grpcpp.h>
#include <testing.grpc.pb.h>
#include <brontes/actors/log.hpp>
#include <brontes/runtime/grpc/grpc_door.hpp>
#include <brontes/runtime/node.hpp>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <testing.brontes.hpp>

#include "cpu_time.hpp"
#include "server_process.hpp"

namespace brontes::testing {
namespace {

Status say(const Ask& ask, Answer& answer) {
  answer.set_text("hello " + ask.name());
  return {};
}

class RawEcho final : public Echo::CallbackService {
  grpc::ServerUnaryReactor* Say(grpc::CallbackServerContext* context, const Ask* ask,
                                Answer* answer) override {
    answer->set_text("hello " + ask->name());
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

class RawSyncEcho final : public Echo::Service {
  grpc::Status Say(grpc::ServerContext*, const Ask* ask, Answer* answer) override {
    answer->set_text("hello " + ask->name());
    return grpc::Status::OK;
  }
};

std::shared_ptr<grpc::Service> stock_echo(bool sync) {
  if (sync) return std::make_shared<RawSyncEcho>();
  return std::make_shared<RawEcho>();
}

class EchoActor final : public ServiceActor {
 public:
  EchoActor() { on<EchoMethods::Say>(&say); }
};

int fail_with(const Status& status) {
  std::fprintf(stderr, "grpc_servers: %s\n", status.to_string().c_str());
  return 3;
}

int serve_raw(const std::string& mode, const std::string& address) {
  const auto echo = stock_echo(mode == "raw_sync");
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(echo.get());
  const auto server = builder.BuildAndStart();
  if (!server) return fail_with({Errc::kUnavailable, "listen " + address});
  bench::announce(mode, port);
  server->Shutdown();
  return 0;
}

Functions<EchoMethods> functions() {
  Functions<EchoMethods> echo;
  echo.on<EchoMethods::Say>(&say);
  return echo;
}

int serve_chainless(const std::string& address) {
  MethodTable table;
  const auto echo = functions();
  for (Method row : echo.rows())
    if (const Status added = table.add(std::move(row)); !added.ok()) return fail_with(added);
  GrpcDoorOptions options;
  options.address = address;
  const auto door = GrpcDoor::open(table, options);
  if (!door) return fail_with(door.error());
  bench::announce("chainless", (*door)->port());
  return 0;
}

void serve_echo(Node& node, const std::string& mode) {
  if (mode == "actor" || mode == "pool") {
    ActorService echo = actor<EchoActor>();
    echo.options.in_place = mode == "actor";
    node.serve<EchoMethods>(std::move(echo));
    return;
  }
  if (mode.starts_with("adopted")) {
    node.adopt(stock_echo(mode == "adopted_sync"));
    return;
  }
  node.serve(functions());
}

int serve_node(const std::string& mode, const std::string& address) {
  const auto listen = parse_address(address);
  if (!listen) return fail_with(listen.error());
  Settings settings;
  settings.listen = *listen;
  settings.mode = mode == "shared" ? Mode::kShared : Mode::kGrpc;
  settings.drain.min = Duration::zero();
  set_log_level(LogLevel::kError);
  Node node(settings);
  serve_echo(node, mode);
  if (const Status started = node.start(); !started.ok()) return fail_with(started);
  bench::announce(mode, node.port());
  const Status stopped = node.stop();
  return stopped.ok() ? 0 : fail_with(stopped);
}

}  // namespace
}  // namespace brontes::testing

int main(int argc, char** argv) {
  using namespace brontes::testing;
  const std::string mode = argc > 1 ? argv[1] : "";
  const std::string address = argc > 2 ? argv[2] : "127.0.0.1:0";
  const bool is_raw = mode == "raw" || mode == "raw_sync";
  const std::set<std::string> nodes{"function", "actor",   "pool",
                                    "shared",   "adopted", "adopted_sync"};
  if (!is_raw && mode != "chainless" && !nodes.contains(mode)) {
    std::fprintf(stderr,
                 "usage: grpc_servers raw|raw_sync|chainless|function|actor|pool|shared|adopted|"
                 "adopted_sync [HOST:PORT]\n");
    return 2;
  }
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // for all sides
  const int code = is_raw                ? serve_raw(mode, address)
                   : mode == "chainless" ? serve_chainless(address)
                                         : serve_node(mode, address);
  if (code == 0)
    std::printf("{\"mode\":\"%s\",\"cpu_us\":%.0f}\n", mode.c_str(),
                brontes::bench::cpu_seconds() * 1e6);
  return code;
}
