// SIGTERM, SIGINT and SIGHUP as an ordinary callback; SIGPIPE as nothing at all.
#pragma once

#include <functional>
#include <memory>
#include <vector>

namespace brontes {

/// From construction to destruction the signals are not fatal but call `on_signal` on a thread of
/// this object, one after the other, none lost while it runs. The handlers that were installed
/// before come back at the end. One at a time per process: a second one answers with an exception
/// (std::logic_error), it is a mistake in the program.
class SignalWatch {
 public:
  SignalWatch(std::vector<int> signals, std::function<void(int signal)> on_signal);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether somebody has this process ignore a signal; nohup does so with SIGHUP.
bool is_ignored(int signal);

/// From now on a reader of our output that has gone (`greeter 2>&1 | head`) ends nothing: writing
/// fails instead of killing the process. For good, and for the whole process: for main().
void ignore_broken_pipes();

}  // namespace brontes
