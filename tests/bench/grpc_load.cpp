// A closed loop of unary calls on one connection, for the servers of grpc_servers.cpp:
//
//   grpc_load HOST:PORT [CALLS [OUTSTANDING [WARM_UP]]]
//
// Prints {"calls":...,"outstanding":...,"calls_per_s":...,"p50_us":...,"p99_us":...,"errors":...}.
#include <absl/synchronization/mutex.h>
#include <algorithm>
#include <cstdlib>

#include "echo_load.hpp"

int main(int argc, char** argv) {
  using namespace brontes::testing;
  if (argc < 2) {
    std::fprintf(stderr, "usage: grpc_load HOST:PORT [CALLS [OUTSTANDING [WARM_UP]]]\n");
    return 2;
  }
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const auto number = [&](int index, int otherwise) {
    return argc > index ? std::max(1, std::atoi(argv[index])) : otherwise;
  };
  const int calls = number(2, 20'000), outstanding = number(3, 64), warm_up = number(4, 2'000);
  const auto channel = grpc::CreateChannel(argv[1], grpc::InsecureChannelCredentials());
  const auto stub = Echo::NewStub(channel);
  Load warming(*stub, warm_up, outstanding);
  warming.run();
  Load load(*stub, calls, outstanding);
  load.run();
  std::printf("{\"calls\":%d,\"outstanding\":%d,%s}\n", calls, outstanding, load.numbers().c_str());
  return load.errors() == 0 ? 0 : 1;
}
