// A program run as a child, its standard error (or output) read line by line.
#pragma once

#include <unistd.h>

#include <string>
#include <vector>

namespace brontes::testing {

/// Killed by the destructor if it still runs.
class ChildProcess {
 public:
  explicit ChildProcess(const std::vector<std::string>& command, int stream = STDERR_FILENO);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Reads until a line has that text; the line, "" at the end of the output.
  std::string wait_for_line(const std::string& part);
  void signal(int number) const;
  /// Whatever it writes from now on meets a broken pipe.
  void stop_reading();
  int pid() const { return pid_; }
  /// Reads what is left and waits: the exit code, or 128 + the signal that ended it.
  int wait();
  /// All lines so far.
  const std::string& output() const { return output_; }

 private:
  /// False at the end of the output.
  bool read_line(std::string& line);

  int pid_ = -1;
  int errors_ = -1;
  bool waited_ = false;
  std::string output_, buffered_;
};

/// What follows `key=` in a line of the log, up to the next space.
std::string value_in(const std::string& line, const std::string& key);

}  // namespace brontes::testing
