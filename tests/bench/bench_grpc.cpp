// One measurement for tools/bench.py: starts a server of grpc_servers.cpp as a process of its own,
// loads it, and charges it with the CPU time that it used meanwhile.
//
//   bench_grpc MODE     as of grpc_servers
//
// Prints {"server_cpu_us":...,"calls_per_s":...,"p50_us":...,"p99_us":...,"errors":...}.
#include <absl/synchronization/mutex.h>
#include <cstdio>
#include <string>

#include "echo_load.hpp"
#include "server_process.hpp"

namespace brontes::testing {
namespace {

constexpr int kCalls = 40'000, kOutstanding = 64, kWarmUp = 4'000;

int measure(const std::string& program, const std::string& mode) {
  const bench::ServerProcess server(program, mode);
  if (server.port() == 0) {
    std::fprintf(stderr, "bench_grpc: %s %s did not start\n", program.c_str(), mode.c_str());
    return 3;
  }
  const auto stub = Echo::NewStub(grpc::CreateChannel("127.0.0.1:" + std::to_string(server.port()),
                                                      grpc::InsecureChannelCredentials()));
  Load(*stub, kWarmUp, kOutstanding).run();
  const double before = server.cpu_us();
  Load load(*stub, kCalls, kOutstanding);
  load.run();
  const double each = (server.cpu_us() - before) / kCalls;
  std::printf("{\"server_cpu_us\":%.2f,%s}\n", each, load.numbers().c_str());
  return load.errors() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace brontes::testing

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: bench_grpc MODE     as of grpc_servers\n");
    return 2;
  }
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return brontes::testing::measure(brontes::bench::program_beside("grpc_servers"), argv[1]);
}
