// A server as a process of its own, so that it alone can be charged with the CPU time it uses.
#pragma once

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace brontes::bench {

/// Started with a mode as its argument, it prints {"mode":"...","port":N} when it serves, and ends
/// when its standard input does.
class ServerProcess {
 public:
  ServerProcess(const std::string& program, const std::string& mode) {
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
  ~ServerProcess() {
    ::close(stdin_);
    std::fclose(stdout_);
    ::waitpid(pid_, nullptr, 0);
  }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// 0: it did not start.
  int port() const { return port_; }
  /// Of all its threads, since its start.
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

/// The path of a program that lies beside this one.
inline std::string program_beside(const std::string& name) {
  return std::filesystem::read_symlink("/proc/self/exe").replace_filename(name);
}

/// The other end of ServerProcess: says that it serves, returns when standard input ends.
inline void announce(const std::string& mode, int port) {
  std::printf("{\"mode\":\"%s\",\"port\":%d}\n", mode.c_str(), port);
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
}

}  // namespace brontes::bench
