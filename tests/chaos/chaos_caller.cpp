// A steady load through the call API, over the channel `svc` of its settings: evenly spaced,
// however long the answers take. Ends with SIGTERM, when the last call has ended.
//
//   chaos_caller --registry URL --set channels.svc.target=discovery:///svc --set chaos.rate=300
//                --set chaos.endpoints=3 --set chaos.journal=FILE
//
// A line of FILE, written at the end: x-call of the call ("number issued_at", monotonic ns), when
// it ended, its code, its attempts, and who answered or failed last. Prints a JSON object a line:
// "ready" when it begins, "endpoints" (address: state) whenever the channel thinks otherwise of
// one, and "done" when the file is written.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <brontes/discovery/channel/client_call.hpp>
#include <brontes/runtime/node.hpp>
#include <brontes/runtime/signals.hpp>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "testing.brontes.hpp"

namespace {

using namespace std::chrono_literals;
using brontes::Channel;
using brontes::Duration;
using brontes::Errc;
using brontes::Status;
using brontes::TimePoint;
using brontes::testing::Answer;
using brontes::testing::Ask;
using brontes::testing::EchoMethods;

struct Plan {
  std::uint64_t rate = 100;     // calls a second
  std::uint64_t endpoints = 1;  // that are READY before it begins
  std::string journal;
};

constexpr Duration kPatience = 30s;   // for the endpoints
constexpr Duration kMostBehind = 1s;  // later calls are left out: this machine is too slow for them
constexpr Duration kLook = 10ms;      // between two looks at the endpoints

std::int64_t ns(TimePoint time) { return time.time_since_epoch().count(); }

void tell(std::string_view event, const std::string& more = "") {
  const auto now = static_cast<double>(ns(brontes::system_clock().now())) / 1e6;
  fmt::print("{{\"event\":\"{}\",\"at_ms\":{:.3f}{}}}\n", event, now, more);
  std::fflush(stdout);
}

/// What became of the calls. Thread-safe; calls hold it.
class Journal {
 public:
  void issued() {
    const std::lock_guard lock(mutex_);
    ++issued_;
  }
  void ended(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  /// Blocks until all have ended.
  bool write(const std::string& path) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return lines_.size() == issued_; });
    std::ofstream file(path);
    for (const std::string& line : lines_) file << line << '\n';
    return file.flush().good();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t issued_ = 0;
  std::vector<std::string> lines_;
};

class Load {
 public:
  Load(Channel channel, const Plan& plan) : channel_(std::move(channel)), plan_(plan) {}

  /// Blocks until stop().
  void run() {
    const Duration gap = Duration(1s) / static_cast<std::int64_t>(plan_.rate);
    TimePoint due = clock_.now(), look = due;
    for (std::uint64_t number = 1; !stopped_by(due); ++number) {
      call(number);
      const TimePoint now = clock_.now();
      due = std::max(due + gap, now - kMostBehind);
      if (now < look) continue;
      look = now + kLook;
      show_endpoints();
    }
  }
  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  bool finish() const { return journal_->write(plan_.journal); }

 private:
  bool stopped_by(TimePoint due) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, due, [this] { return stopped_; });
  }

  void call(std::uint64_t number) {
    const std::string id = fmt::format("{} {}", number, ns(clock_.now()));
    brontes::CallOptions options;
    options.metadata = {{"x-call", id}};
    journal_->issued();
    brontes::call<EchoMethods::Say>(channel_, Ask(), std::move(options))
        .then([](const auto& job) { job(); },
              [id, journal = journal_, &clock = clock_](const brontes::Expected<Answer>& answer,
                                                        const brontes::CallFacts& facts) {
                const Errc code = answer ? Errc::kOk : answer.error().code();
                journal->ended(fmt::format("{} {} {} {} {}", id, ns(clock.now()),
                                           static_cast<int>(code), facts.attempts,
                                           facts.address.empty() ? "-" : facts.address));
              });
  }

  void show_endpoints() {
    std::string now;
    for (const brontes::EndpointView& each : channel_.endpoints())
      now += fmt::format("{}\"{}\":\"{}\"", now.empty() ? "" : ",", each.address, each.state);
    if (now == shown_) return;
    tell("endpoints", ",\"endpoints\":{" + now + "}");
    shown_ = std::move(now);
  }

  const brontes::Clock& clock_ = brontes::system_clock();
  const Channel channel_;
  const Plan plan_;
  const std::shared_ptr<Journal> journal_ = std::make_shared<Journal>();
  std::string shown_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  Plan plan;
  auto settings = brontes::load_settings(
      argc, argv, {},
      {brontes::setting("chaos.rate", plan.rate, "calls a second", {1, 100'000}),
       brontes::setting("chaos.endpoints", plan.endpoints, "that are READY before it begins"),
       brontes::setting("chaos.journal", plan.journal, "where the calls are written down")});
  if (!settings) return brontes::exit_with(settings.error());
  brontes::set_log_level(settings->log.level);
  brontes::ignore_broken_pipes();

  brontes::Node node(*settings);  // for its channels: it is not started
  const auto channel = node.channel("svc");
  if (!channel) return brontes::exit_with(channel.error());
  if (const Status status = channel->wait_ready(kPatience, plan.endpoints); !status.ok())
    return brontes::exit_with(status);
  Load load(*channel, plan);
  const brontes::SignalWatch watch({SIGTERM}, [&](int) { load.stop(); });
  tell("ready");
  load.run();
  if (!load.finish()) return brontes::exit_with({Errc::kInternal, "cannot write " + plan.journal});
  tell("done");
  return 0;
}
