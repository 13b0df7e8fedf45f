#include <fcntl.h>
#include <unistd.h>
#include <atomic>
#include <brontes/runtime/signals.hpp>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <thread>

namespace brontes {
namespace {

/// Where the handler writes; -1 while nobody watches. A pipe, since that is all a handler may use.
std::atomic<int> pipe_in{-1};

void note(int signal) {
  const int saved = errno;
  const auto byte = static_cast<unsigned char>(signal);
  // A full pipe means that 64 KiB of signals wait already.
  [[maybe_unused]] const auto written = write(pipe_in.load(), &byte, 1);
  errno = saved;
}

}  // namespace

struct SignalWatch::State {
  std::vector<int> signals;
  std::vector<struct sigaction> before;
  int ends[2] = {-1, -1};
  std::jthread reader;

  void read_all(const std::function<void(int)>& on_signal) const {
    for (unsigned char byte = 0;;) {
      const auto got = read(ends[0], &byte, 1);
      if (got < 0 && errno == EINTR) continue;
      if (got != 1 || byte == 0) return;  // 0: the destructor
      on_signal(byte);
    }
  }
};

SignalWatch::SignalWatch(std::vector<int> signals, std::function<void(int)> on_signal)
    : state_(std::make_unique<State>()) {
  if (pipe2(state_->ends, O_CLOEXEC) != 0) throw std::runtime_error("signals: no pipe");
  fcntl(state_->ends[1], F_SETFL, O_NONBLOCK);  // the handler must never wait
  int nobody = -1;
  if (!pipe_in.compare_exchange_strong(nobody, state_->ends[1])) {
    close(state_->ends[0]);
    close(state_->ends[1]);
    throw std::logic_error("signals: somebody in this process watches them already");
  }
  state_->signals = std::move(signals);
  state_->before.resize(state_->signals.size());
  struct sigaction action = {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  for (std::size_t i = 0; i < state_->signals.size(); ++i)
    sigaction(state_->signals[i], &action, &state_->before[i]);
  state_->reader =
      std::jthread([state = state_.get(), f = std::move(on_signal)] { state->read_all(f); });
}

SignalWatch::~SignalWatch() {
  for (std::size_t i = 0; i < state_->signals.size(); ++i)
    sigaction(state_->signals[i], &state_->before[i], nullptr);
  const unsigned char end = 0;
  [[maybe_unused]] const auto written = write(state_->ends[1], &end, 1);
  state_->reader.join();
  pipe_in = -1;
  close(state_->ends[0]);
  close(state_->ends[1]);
}

bool is_ignored(int signal) {
  struct sigaction now = {};
  return sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

void ignore_broken_pipes() { std::signal(SIGPIPE, SIG_IGN); }

}  // namespace brontes
