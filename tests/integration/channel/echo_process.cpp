// An echo server to be killed: prints its port and serves until then.
#include <cstdio>

#include "echo_server.hpp"

int main(int argc, char** argv) {
  const brontes::testing::EchoServer server("process", argc > 1 ? std::atoi(argv[1]) : 0);
  std::printf("%d\n", server.port());
  std::fflush(stdout);
  brontes::testing::Gate().pass();
}
