// A program that runs beside the demo: started, listened to, killed or asked to stop.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <optional>
#include <string>
#include <vector>

namespace demo {

/// Does not outlive the demo, whatever ends that: it is then told to stop. Ctrl-C in the terminal
/// reaches the demo alone. Not thread-safe.
class Process {
 public:
  /// `program` lies beside the demo. What it says on standard error goes to the terminal.
  Process(const std::string& program, const std::vector<std::string>& arguments);
  /// Kills it if it still runs.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  int pid() const { return pid_; }
  /// The next line that it prints; nothing if it ends before, or is silent for so long.
  std::optional<std::string> next_line(brontes::Duration patience);
  /// kill -9: nothing in it runs any more when this returns.
  void kill();
  /// SIGTERM, without waiting.
  void ask_to_stop() const;
  /// Waits until it has ended; kills it after `patience`. OK if it exited with 0, or if somebody
  /// had killed it before.
  brontes::Status wait(brontes::Duration patience);

 private:
  enum class Heard { kSomething, kEnd, kNothing };
  Heard listen(brontes::TimePoint until);
  int reap();  ///< its wait status

  std::string program_;
  int pid_ = -1;
  int output_ = -1;  ///< of its pipe, which ends when it does
  std::string unread_;
};

/// The path of a program that lies beside the demo.
std::string program_beside(const std::string& name);

}  // namespace demo
