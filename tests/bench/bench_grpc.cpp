// One measurement for tools/bench.py: starts a server of grpc_servers.cpp as a process of its own,
// loads it, and charges it with the CPU time that it used meanwhile.
//
//   bench_grpc raw|function|actor|pool|shared
//
// Prints {"server_cpu_us":...,"calls_per_s":...,"p50_us":...,"p99_us":...,"errors":...}.
#include <absl/synchronization/mutex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cstdlib>
#include <filesystem>

#include "echo_load.hpp"

namespace brontes::testing {
namespace {

constexpr int kCalls = 40'000, kOutstanding = 64, kWarmUp = 4'000;

/// The server's process; ends when its standard input does.
class Server {
 public:
  Server(const std::string& program, const std::string& mode) {
    int to[2], from[2];
    if (::pipe(to) != 0 || ::pipe(from) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(to[0], STDIN_FILENO);
      ::dup2(from[1], STDOUT_FILENO);
      for (const int fd : {to[0], to[1], from[0], from[1]}) ::close(fd);
      ::execl(program.c_str(), program.c_str(), mode.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(to[0]);
    ::close(from[1]);
    stdin_ = to[1];
    stdout_ = ::fdopen(from[0], "r");
    char mode_read[32];
    if (std::fscanf(stdout_, "{\"mode\":\"%31[^\"]\",\"port\":%d}", mode_read, &port_) != 2)
      port_ = 0;
    ::clock_getcpuclockid(pid_, &cpu_);
  }
  ~Server() {
    ::close(stdin_);
    std::fclose(stdout_);
    ::waitpid(pid_, nullptr, 0);
  }
  Server(const Server&) = delete;

  /// 0: it did not start.
  int port() const { return port_; }
  double cpu_us() const {
    timespec used{};
    ::clock_gettime(cpu_, &used);
    return static_cast<double>(used.tv_sec) * 1e6 + static_cast<double>(used.tv_nsec) * 1e-3;
  }

 private:
  pid_t pid_ = 0;
  int stdin_ = -1, port_ = 0;
  FILE* stdout_ = nullptr;
  clockid_t cpu_{};
};

int measure(const std::string& program, const std::string& mode) {
  const Server server(program, mode);
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
    std::fprintf(stderr, "usage: bench_grpc raw|function|actor|pool|shared\n");
    return 2;
  }
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const auto servers =
      std::filesystem::read_symlink("/proc/self/exe").replace_filename("grpc_servers");
  return brontes::testing::measure(servers, argv[1]);
}
