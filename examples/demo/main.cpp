// The story of brontes in one terminal: one registry and three greeters, each a process of its own,
// sixteen callers, one crash.
//
//   brontes-demo          tells it, then serves until Ctrl-C
//   brontes-demo --once   tells it and exits: 0 if everything happened as told
#include <array>
#include <brontes/actors/log.hpp>
#include <brontes/runtime/settings.hpp>
#include <brontes/runtime/signals.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <future>
#include <string_view>

#include "crew.hpp"
#include "load.hpp"

namespace {

using demo::Crew;
using demo::kTtl;
using demo::Load;
using demo::Tally;

constexpr const char* kUsage =
    "usage: brontes-demo [--once]\n\n"
    "Three greeters, one registry, sixteen callers, one crash; then serves until Ctrl-C. With "
    "--once\n"
    "it exits instead: 0 if everything happened as told.\n";
constexpr int kCallers = 16;
constexpr int kCallsEach = 200;

/// Prints what happens and remembers what did not happen as told.
class Story {
 public:
  template <class... Args>
  void tell(const char* step, fmt::format_string<Args...> text, Args&&... args) {
    fmt::print("  {:<9} {}\n", step, fmt::format(text, std::forward<Args>(args)...));
    std::fflush(stdout);
  }

  void expect(bool holds, std::string what) {
    if (holds) return;
    tell("FAILED", "{}", what);
    failures_.push_back(std::move(what));
  }

  void table(const Crew& crew, const Tally& tally) {
    const int total = std::max(1, tally.answered());
    fmt::print("\n            {:<22} {:>6}  {:>6}\n", "node", "calls", "share");
    for (std::size_t i = 0; i < crew.size(); ++i) {
      const auto found = tally.calls.find(crew.address(i));
      const int calls = found == tally.calls.end() ? 0 : found->second;
      fmt::print("            {:<22} {:>6} {:>5.1f} %  {}\n", crew.address(i), calls,
                 100.0 * calls / total, std::string(30 * calls / total, '#'));
    }
    fmt::print("\n");
    for (const auto& [status, count] : tally.failures)
      tell("", "{} calls failed: {}", count, status);
  }

  int exit_code() const { return failures_.empty() ? 0 : 1; }
  const std::vector<std::string>& failures() const { return failures_; }

 private:
  std::vector<std::string> failures_;
};

int share(const Tally& tally, const std::string& address) {
  const auto found = tally.calls.find(address);
  return found == tally.calls.end() ? 0 : 100 * found->second / std::max(1, tally.answered());
}

Tally call_all(Story& story, Crew& crew) {
  const auto began = crew.clock().now();
  Tally tally = Load(crew.channel(), kCallers, kCallsEach).finish();
  const std::chrono::duration<double> took = crew.clock().now() - began;
  story.tell("call", "{} callers made {} calls in {:.2f} s, {} failed", kCallers,
             kCallers * kCallsEach, took.count(), tally.failed());
  story.table(crew, tally);
  story.expect(tally.failed() == 0, "no call fails");
  return tally;
}

void expect_even(Story& story, const Crew& crew, const Tally& tally) {
  for (std::size_t i = 0; i < crew.size(); ++i)
    story.expect(share(tally, crew.address(i)) >= 20, crew.address(i) + " gets its share of calls");
}

std::string output_of(const std::string& command) {
  std::string text;
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return text;
  for (std::array<char, 256> part; std::fgets(part.data(), part.size(), pipe) != nullptr;)
    text += part.data();
  pclose(pipe);
  return text;
}

void rest(Story& story, const Crew& crew) {
  const std::string url = "http://" + crew.address(0) + "/v1/say/brontes";
  const std::string answer = output_of("curl -sS --noproxy '*' --max-time 10 " + url + " 2>&1");
  story.tell("REST", "curl {}", url);
  story.tell("", "{}", answer);
  story.expect(answer.find("hello, brontes") != std::string::npos, "the same port answers REST");
}

/// The record was renewed a third of its ttl before the kill at the latest, or the machine was
/// slow.
void lapse(Story& story, Crew& crew, std::size_t victim) {
  const auto gone = crew.wait_lapsed(victim);
  story.expect(gone.has_value(), "the dead node's record lapses");
  if (!gone) return;
  story.tell("registry",
             "its record went {:.1f} s after the kill (ttl {} s): {} greeters are listed",
             std::chrono::duration<double>(*gone).count(), kTtl / std::chrono::seconds(1),
             crew.size() - 1);
  story.expect(*gone >= kTtl / 4, "the dead node's record outlives it, until its lease lapses");
  story.expect(*gone <= 3 * kTtl, "the dead node's record lapses at about its ttl");
}

void crash(Story& story, Crew& crew) {
  const std::size_t victim = crew.size() - 1;
  story.tell("crash", "{} is killed while {} callers call: kill -9 {}", crew.address(victim),
             kCallers, crew.pid(victim));
  Load load(crew.channel(), kCallers, kCallsEach);
  load.wait_for(kCallers * kCallsEach / 3);
  crew.kill(victim);
  story.expect(crew.is_listed(victim), "a killed node says goodbye to nobody: it is still listed");
  const Tally tally = load.finish();
  story.tell("", "{} calls answered, {} of them by a second node; {} failed", tally.answered(),
             tally.resent, tally.failed());
  story.table(crew, tally);
  story.expect(tally.failed() == 0, "no call fails when a node dies");
  lapse(story, crew, victim);
  const auto restarted = crew.restart(victim);
  story.expect(restarted.ok(), "the node starts again: " + restarted.to_string());
  if (restarted.ok())
    story.tell("restart", "{} is back, process {}", crew.address(victim), crew.pid(victim));
}

/// The program `brontes` beside this one, as one types it here.
std::string command_line() {
  std::error_code unknown;
  const std::filesystem::path there = demo::program_beside("brontes");
  const auto near = there.lexically_relative(std::filesystem::current_path(unknown));
  if (near.empty() || *near.begin() == "..") return there.string();
  return near.has_parent_path() ? near.string() : "./" + near.string();
}

void serve(Story& story, Crew& crew) {
  const std::string brontes = command_line();
  story.tell("try", "curl http://{}/v1/say/you", crew.address(0));
  story.tell("", "{} call --registry {} greeter/v1 \\", brontes, crew.registry());
  story.tell("", "    Hello.Greeter/SayHello '{{\"name\": \"you\"}}' -n 3000 -c 16");
  story.tell("", "{} watch --registry {} greeter", brontes, crew.registry());
  story.tell("", "kill -9 {}", crew.pid(0));
  story.tell("serving", "until Ctrl-C");
  std::promise<void> stop;
  bool told = false;
  const brontes::SignalWatch watch({SIGINT, SIGTERM}, [&](int) {
    if (!std::exchange(told, true)) stop.set_value();
  });
  stop.get_future().wait();
  fmt::print("\n");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view wish = argc == 2 ? argv[1] : "";
  const bool once = wish == "--once";
  if (wish == "--help" || wish == "-h") return brontes::exit_with({brontes::Errc::kOk, kUsage});
  if (argc > 1 && !once)
    return brontes::exit_with({brontes::Errc::kInvalidArgument, "unknown arguments; --help"});
  brontes::set_log_level(brontes::LogLevel::kError);
  brontes::ignore_broken_pipes();

  Story story;
  Crew crew(3);
  fmt::print("\nbrontes: three greeters, one registry, gRPC and REST on each port\n\n");
  if (const auto started = crew.start(); !started.ok()) return brontes::exit_with(started);
  story.tell("start", "registry at {}", crew.registry());
  for (std::size_t i = 0; i < crew.size(); ++i)
    story.tell("", "greeter v1 on {}, process {}", crew.address(i), crew.pid(i));
  expect_even(story, crew, call_all(story, crew));
  rest(story, crew);
  crash(story, crew);
  expect_even(story, crew, call_all(story, crew));
  if (!once) serve(story, crew);
  const auto stopped = crew.stop();
  story.expect(stopped.ok(), "all processes stop: " + stopped.to_string());
  if (stopped.ok()) story.tell("stop", "drained, deregistered, stopped, all processes");
  fmt::print("\n{}\n",
             story.exit_code() == 0 ? "Everything happened as told." : "It did not work:");
  for (const auto& failure : story.failures()) fmt::print("  - {}\n", failure);
  return story.exit_code();
}
