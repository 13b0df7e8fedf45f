#include <brontes/actors/log.hpp>
#include <brontes/runtime/detail/node_state.hpp>
#include <brontes/runtime/node.hpp>
#include <brontes/runtime/signals.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>

namespace brontes {
namespace {

constexpr const char* kLogger = "runtime.node";

using detail::NodeEvent;

void flush_all() {
  flush_log();
  std::cout << std::flush;
}

/// The thread of Node::run: turns signals and escalations into start and stop.
class NodeRun {
 public:
  explicit NodeRun(detail::NodeEvents& events) : events_(events) {}

  /// Until the event comes; signals and escalations that come before are kept.
  NodeEvent wait_for(NodeEvent::Type type, Node& node) {
    for (;;) {
      NodeEvent event = events_.next();
      if (event.type == type) return event;
      note(event);
      if (is_forced()) node.hurry();
    }
  }

  /// Until there is a reason to stop.
  void wait_for_end() {
    while (signals_ == 0 && why_.ok()) note(events_.next());
    if (!why_.ok()) log_error(kLogger, "stopping cause=\"{}\"", why_.to_string());
  }

  /// Somebody has asked twice.
  bool is_forced() const { return signals_ > 1; }

  /// 1 when calls may have been cut off.
  int exit_code(const Status& stopped) const {
    if (!why_.ok()) return exit_with(why_);
    return stopped.ok() && !is_forced() ? 0 : 1;
  }

 private:
  void note(const NodeEvent& event) {
    if (event.type == NodeEvent::Type::kEscalated && why_.ok()) why_ = event.status;
    if (event.type != NodeEvent::Type::kSignal) return;
    ++signals_;
    log_info(kLogger, "signal={} count={}{}", event.signal, signals_,
             signals_ == 1 ? "" : " waits are cut");
    if (signals_ < 3) return;
    log_error(kLogger, "third signal; exiting at once");
    flush_all();
    std::_Exit(128 + event.signal);
  }

  detail::NodeEvents& events_;
  int signals_ = 0;
  Status why_;
};

}  // namespace

int Node::run() {
  set_log_level(state_->settings.log.level);
  set_log_format(state_->settings.log.format);
  auto& events = state_->events;
  const SignalWatch watch({SIGTERM, SIGINT}, [&](int signal) {
    events.push({NodeEvent::Type::kSignal, signal, {}});
  });
  if (const Status status = state_->enter_start(); !status.ok()) return exit_with(status);
  NodeRun run(events);
  state_->begin_start([&](Status status) {
    events.push({NodeEvent::Type::kStarted, 0, std::move(status)});
  });
  if (const auto started = run.wait_for(NodeEvent::Type::kStarted, *this).status; !started.ok()) {
    flush_all();
    return exit_with(started);
  }
  run.wait_for_end();
  (void)state_->enter_stop();
  state_->begin_stop([&](Status status) {
    events.push({NodeEvent::Type::kStopped, 0, std::move(status)});
  });
  if (run.is_forced()) hurry();
  const int code = run.exit_code(run.wait_for(NodeEvent::Type::kStopped, *this).status);
  flush_all();
  if (!state_->threads.busy()) return code;
  // A hook or handler that never comes back must not keep the process.
  log_error(kLogger, "something that was asked to stop still runs; exiting without it");
  std::_Exit(code);
}

}  // namespace brontes
