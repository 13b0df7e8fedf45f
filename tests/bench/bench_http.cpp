// One measurement for tools/bench.py: starts a server as a process of its own, loads it over kept
// HTTP/1.1 connections, and charges it with the CPU time that it used meanwhile, on all its
// threads.
//
//   bench_http SERVER[-order]
//
// SERVER is beast or rest (http_servers.cpp), grpc_gateway or hephfx (tests/interop/gateways); all
// serve shop.proto. GET /v1/say/world, or with -order: POST of an order of about 1.5 KB that comes
// back accepted. Every reply is compared with what it has to be; a wrong one is an error, and then
// there is no measurement. Prints {"requests_per_cpu_s":...,"server_cpu_us":...,...}.
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include "cpu_time.hpp"
#include "http_load.hpp"
#include "server_process.hpp"

namespace brontes::bench {
namespace {

constexpr int kRequests = 30'000, kConnections = 32, kWarmUp = 3'000;

int give_up(const std::string& why) {
  std::fprintf(stderr, "bench_http: %s\n", why.c_str());
  return 3;
}

bool is_ours(const std::string& server) { return server == "beast" || server == "rest"; }

// Why a server is not there: its build left a word.
std::string missing(const std::string& program) {
  std::string why = "tests/interop/gateways/build.sh builds it";
  std::ifstream word(program + ".missing");
  std::getline(word, why);
  return why;
}

int measure(const std::string& server, const Exchange& exchange) {
  const std::string program = program_beside(is_ours(server) ? "http_servers" : server + "_server");
  if (!std::filesystem::exists(program)) return give_up(missing(program));
  const ServerProcess process(program, server);
  if (process.port() == 0) return give_up(program + ' ' + server + " did not start");

  HttpLoad load(process.port(), exchange, kConnections);
  load.run(kWarmUp);
  const int early_errors = load.errors();
  const double server_before = process.cpu_us(), own_before = cpu_seconds();
  load.run(kRequests);
  const double server_us = (process.cpu_us() - server_before) / kRequests;
  const double own_us = (cpu_seconds() - own_before) * 1e6 / kRequests;

  const int errors = early_errors + load.errors();
  std::printf(
      "{\"requests_per_cpu_s\":%.0f,\"server_cpu_us\":%.2f,\"load_cpu_us\":%.2f,"
      "\"requests_per_s\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"errors\":%d}\n",
      1e6 / server_us, server_us, own_us, kRequests / load.seconds(), load.latency_us(0.5),
      load.latency_us(0.99), errors);
  return errors == 0 ? 0 : give_up(std::to_string(errors) + " replies were wrong");
}

int run(std::string which) {
  const auto dash = which.find("-order");
  const bool orders = dash != std::string::npos;
  which = which.substr(0, dash);
  if (!is_ours(which) && which != "grpc_gateway" && which != "hephfx") {
    std::fprintf(stderr, "usage: bench_http beast|rest|grpc_gateway|hephfx[-order]\n");
    return 2;
  }
  return measure(which, orders ? order_exchange() : small_exchange());
}

}  // namespace
}  // namespace brontes::bench

int main(int argc, char** argv) {
  try {
    return brontes::bench::run(argc == 2 ? argv[1] : "");
  } catch (const std::exception& error) {
    return brontes::bench::give_up(error.what());
  }
}
