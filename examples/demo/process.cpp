#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <string_view>

namespace demo {
namespace {

using brontes::Duration;
using brontes::Status;
using brontes::TimePoint;

/// In the child, between fork and exec: nothing here may allocate.
[[noreturn]] void become(const char* program, char* const* arguments, int output, pid_t parent) {
  setpgid(0, 0);  // a terminal's Ctrl-C is for the demo, which then stops us in order
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(1);
  dup2(output, STDOUT_FILENO);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  execv(program, arguments);
  constexpr std::string_view kWhy = ": cannot be run\n";
  if (write(STDERR_FILENO, program, std::strlen(program)) > 0)
    _exit(write(STDERR_FILENO, kWhy.data(), kWhy.size()) > 0 ? 127 : 126);
  _exit(126);
}

}  // namespace

std::string program_beside(const std::string& name) {
  std::error_code unknown;
  return std::filesystem::read_symlink("/proc/self/exe", unknown).replace_filename(name);
}

Process::Process(const std::string& program, const std::vector<std::string>& arguments)
    : program_(program) {
  const std::string path = program_beside(program);
  std::vector<char*> words{const_cast<char*>(path.c_str())};
  for (const auto& each : arguments) words.push_back(const_cast<char*>(each.c_str()));
  words.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return;
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) become(words[0], words.data(), ends[1], parent);
  close(ends[1]);
  output_ = ends[0];
}

Process::~Process() {
  kill();
  if (output_ >= 0) close(output_);
}

Process::Heard Process::listen(TimePoint until) {
  pollfd line{output_, POLLIN, 0};
  const Duration left = std::max(until - brontes::system_clock().now(), Duration{});
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left);
  if (poll(&line, 1, static_cast<int>(ms.count())) != 1) return Heard::kNothing;
  char part[4096];
  const auto got = read(output_, part, sizeof part);
  if (got <= 0) return Heard::kEnd;
  unread_.append(part, static_cast<std::size_t>(got));
  return Heard::kSomething;
}

std::optional<std::string> Process::next_line(Duration patience) {
  const TimePoint until = brontes::after(brontes::system_clock(), patience);
  for (;;) {
    if (const auto end = unread_.find('\n'); end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    if (listen(until) != Heard::kSomething) return {};
  }
}

int Process::reap() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return status;
}

void Process::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  reap();
}

void Process::ask_to_stop() const {
  if (pid_ > 0) ::kill(pid_, SIGTERM);
}

Status Process::wait(Duration patience) {
  if (pid_ <= 0) return {};
  const TimePoint until = brontes::after(brontes::system_clock(), patience);
  Heard heard = Heard::kSomething;
  while (heard == Heard::kSomething) heard = listen(until);
  if (heard == Heard::kNothing) {
    kill();
    return {brontes::Errc::kDeadlineExceeded, program_ + " did not stop in time, and was killed"};
  }
  const int status = reap();
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return {};
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const std::string how = WIFEXITED(status) ? "exit code " + std::to_string(WEXITSTATUS(status))
                                            : "signal " + std::to_string(WTERMSIG(status));
  return {brontes::Errc::kAborted, program_ + " ended with " + how};
}

}  // namespace demo
