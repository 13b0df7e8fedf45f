#include "child_process.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

namespace brontes::testing {

ChildProcess::ChildProcess(const std::vector<std::string>& command, int stream) {
  int ends[2];
  if (pipe(ends) != 0) return;
  std::vector<char*> arguments;
  for (const auto& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    dup2(ends[1], stream);
    close(ends[0]);
    close(ends[1]);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  close(ends[1]);
  errors_ = ends[0];
}

ChildProcess::~ChildProcess() {
  if (!waited_ && pid_ > 0) {
    kill(pid_, SIGKILL);
    (void)wait();
  }
  if (errors_ >= 0) close(errors_);
}

bool ChildProcess::read_line(std::string& line) {
  for (;;) {
    if (const auto end = buffered_.find('\n'); end != std::string::npos) {
      line = buffered_.substr(0, end);
      buffered_.erase(0, end + 1);
      output_ += line + '\n';
      return true;
    }
    char part[4096];
    const auto got = read(errors_, part, sizeof part);
    if (got <= 0) return false;
    buffered_.append(part, static_cast<std::size_t>(got));
  }
}

std::string ChildProcess::wait_for_line(const std::string& part) {
  for (std::string line; read_line(line);)
    if (line.find(part) != std::string::npos) return line;
  return {};
}

void ChildProcess::stop_reading() {
  close(errors_);
  errors_ = -1;
}

void ChildProcess::signal(int number) const { kill(pid_, number); }

int ChildProcess::wait() {
  for (std::string line; read_line(line);) {
  }
  int status = 0;
  waitpid(pid_, &status, 0);
  waited_ = true;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string value_in(const std::string& line, const std::string& key) {
  const auto at = line.find(" " + key + "=");
  if (at == std::string::npos) return {};
  const auto begin = at + key.size() + 2;
  return line.substr(begin, line.find(' ', begin) - begin);
}

}  // namespace brontes::testing
