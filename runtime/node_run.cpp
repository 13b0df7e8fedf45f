#include <brontes/actors/log.hpp>
#include <brontes/actors/log_hold.hpp>
#include <brontes/runtime/detail/node_state.hpp>
#include <brontes/runtime/node.hpp>
#include <brontes/runtime/signals.hpp>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace brontes {
namespace {

using detail::NodeEvent;

void flush_all() {
  flush_log();
  std::cout << std::flush;
}

/// As exit_with; but whoever has a log in JSON reads nothing else.
int end_with(LogFormat format, const Status& why) {
  if (format != LogFormat::kJson || why.ok() || !log_enabled(LogLevel::kError))
    return exit_with(why);
  std::istringstream lines(why.message());
  for (std::string line; std::getline(lines, line);)
    log_error(kNodeLogger, "ended cause=\"{}\"", line);
  return exit_code_of(why);
}

/// The thread of Node::run: turns signals and escalations into start and stop.
class NodeRun {
 public:
  NodeRun(detail::NodeEvents& events, LogFormat format, std::function<void()> break_off)
      : events_(events), format_(format), break_off_(std::move(break_off)) {}

  /// A reason to stop breaks the start off. Of a start that fails nothing is written but why: its
  /// lines are held back until it has gone well, takes long, or is broken off.
  Status wait_for_start() {
    const Status started = next_start();
    if (started.ok() || has_reason_to_stop())
      release_log();
    else
      drop_held_log();
    return started;
  }

  /// Until there is a reason to stop.
  void wait_for_end() {
    while (!has_reason_to_stop() && !stopped_) note(events_.next());
    if (!why_.ok()) log_error(kNodeLogger, "stopping cause=\"{}\"", why_.to_string());
  }

  Status wait_until_stopped(Node& node) {
    while (!stopped_) {
      if (is_forced()) node.hurry();
      note(events_.next());
    }
    return *stopped_;
  }

  bool has_reason_to_stop() const { return signals_ > 0 || !why_.ok(); }

  /// Somebody has asked twice.
  bool is_forced() const { return signals_ > 1; }

  /// Of a start that failed; one that was broken off by a signal ended as asked.
  int exit_code_unstarted(const Status& started) const {
    if (!why_.ok()) return end_with(format_, why_);
    if (signals_ > 0 && started.code() == Errc::kCancelled) return is_forced() ? 1 : 0;
    return end_with(format_, started);
  }

  /// 1 when calls may have been cut off.
  int exit_code(const Status& stopped) const {
    if (!why_.ok()) return end_with(format_, why_);
    if (stopped.ok() && !is_forced()) return 0;
    std::string why;
    if (!stopped.ok()) why = "stop: " + stopped.message() + "\n";
    if (is_forced())
      why += "a second signal cut the waits of the stop; calls may have been cut off";
    end_with(format_, {Errc::kAborted, why});
    return 1;
  }

 private:
  Status next_start() {
    for (;;) {
      const NodeEvent event = events_.next();
      if (event.type == NodeEvent::Type::kStarted) return event.status;
      note(event);
      if (has_reason_to_stop()) break_off_();
    }
  }

  void note(const NodeEvent& event) {
    if (event.type == NodeEvent::Type::kEscalated && why_.ok()) why_ = event.status;
    if (event.type == NodeEvent::Type::kStopped) stopped_ = event.status;
    if (event.type != NodeEvent::Type::kSignal) return;
    ++signals_;
    release_log();
    log_info(kNodeLogger, "signal received number={} count={}{}", event.signal, signals_,
             signals_ == 1 ? "" : " effect=\"waits are cut\"");
    if (signals_ < 3) return;
    log_error(kNodeLogger, "third signal; exiting at once");
    flush_all();
    std::_Exit(128 + event.signal);
  }

  detail::NodeEvents& events_;
  const LogFormat format_;
  const std::function<void()> break_off_;
  int signals_ = 0;
  std::optional<Status> stopped_;
  Status why_;
};

/// A hook or handler that never comes back must not keep the process.
int leave(int code, const PhaseThreads& threads) {
  if (!threads.busy()) return code;
  log_error(kNodeLogger, "something that was asked to stop still runs; exiting without it");
  flush_all();
  std::_Exit(code);
}

}  // namespace

int Node::run() {
  ignore_broken_pipes();  // whoever reads the log may go before the node
  set_log_level(state_->settings.log.level);
  set_log_format(state_->settings.log.format);
  if (state_->settings.print_chain) {
    const auto chain = state_->print_chain();
    return exit_with(chain ? Status(Errc::kOk, *chain) : chain.error());
  }
  auto& events = state_->events;
  std::vector<int> signals = {SIGTERM, SIGINT};
  if (!is_ignored(SIGHUP)) signals.push_back(SIGHUP);  // nohup has the process outlive its terminal
  const SignalWatch watch(signals, [&](int signal) {
    events.push({NodeEvent::Type::kSignal, signal, {}});
  });
  if (const Status status = state_->enter_start(); !status.ok()) return exit_with(status);
  if (!log_enabled(LogLevel::kDebug)) hold_log();
  NodeRun run(events, state_->settings.log.format, [this] { state_->break_off(); });
  state_->begin_start([&](Status status) {
    events.push({NodeEvent::Type::kStarted, 0, std::move(status)});
  });
  if (const Status started = run.wait_for_start(); !started.ok()) {
    flush_all();
    return leave(run.exit_code_unstarted(started), state_->threads);
  }
  run.wait_for_end();
  if (state_->enter_stop()) state_->begin_stop([](const Status&) {});  // or somebody else did
  const int code = run.exit_code(run.wait_until_stopped(*this));
  state_->settle();
  flush_all();
  return leave(code, state_->threads);
}

}  // namespace brontes
