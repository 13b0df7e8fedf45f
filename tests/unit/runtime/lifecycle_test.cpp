#include <brontes/actors/log.hpp>
#include <brontes/actors/testkit/gtest.hpp>
#include <brontes/runtime/lifecycle.hpp>
#include <future>
#include <mutex>

namespace brontes {
namespace {

using namespace std::chrono_literals;

struct LifecycleScenario : ScenarioTest {
  std::vector<std::string> begun;
  std::vector<PhaseReport> reports;
  int done = 0;

  /// Ends at once with the status.
  Phase quick(std::string name, Status status = {}) {
    return {name, 1s, [this, name, status](const PhaseEnd& end) {
              begun.push_back(name);
              end(status);
            }};
  }
  /// Never ends by itself.
  Phase stuck(std::string name, Duration bound, bool may_be_cut = false) {
    return {name, bound,
            [this, name](const PhaseEnd& end) {
              begun.push_back(name);
              late.push_back(end);
            },
            may_be_cut};
  }
  PhaseRun start(std::vector<Phase> phases, OnFailure on_failure) {
    auto started = run_phases(system(), "test", std::move(phases), on_failure,
                              [this](std::vector<PhaseReport> all) {
                                reports = std::move(all);
                                ++done;
                              });
    run();
    return started;
  }

  std::vector<PhaseEnd> late;
};
using Names = std::vector<std::string>;

TEST_F(LifecycleScenario, PhasesRunInOrder) {
  start({quick("a"), quick("b"), quick("c")}, OnFailure::kBreakOff);
  EXPECT_EQ(begun, (Names{"a", "b", "c"}));
  EXPECT_EQ(done, 1);
  EXPECT_TRUE(first_failure(reports).ok());
}

TEST_F(LifecycleScenario, AStartBreaksOffAtTheFirstFailure) {
  start({quick("a"), quick("b", {Errc::kUnavailable, "port in use"}), quick("c")},
        OnFailure::kBreakOff);
  EXPECT_EQ(begun, (Names{"a", "b"}));
  EXPECT_EQ(first_failure(reports), Status(Errc::kUnavailable, "b: port in use"));
}

TEST_F(LifecycleScenario, AStopSkipsNothingBecauseAnotherPhaseFailed) {
  start({quick("a", {Errc::kInternal, "x"}), stuck("b", 2s), quick("c")}, OnFailure::kGoOn);
  EXPECT_EQ(begun, (Names{"a", "b"}));
  advance(1999ms);
  EXPECT_EQ(begun, (Names{"a", "b"}));
  advance(1ms);
  EXPECT_EQ(begun, (Names{"a", "b", "c"}));
  ASSERT_EQ(reports.size(), 3u);
  EXPECT_EQ(reports[1].status.code(), Errc::kDeadlineExceeded);
  EXPECT_EQ(reports[1].took, 2s);
}

TEST_F(LifecycleScenario, APhaseMayJudgeItselfWhatItsBoundMeans) {
  Status verdict(Errc::kInternal, "asked too early");
  auto phase = stuck("a", 2s);
  phase.at_bound = [&verdict] { return verdict; };
  start({phase, phase}, OnFailure::kGoOn);
  verdict = {};
  advance(2s);
  verdict = {Errc::kDeadlineExceeded, "two calls are lost"};
  advance(2s);
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_TRUE(reports[0].status.ok());
  EXPECT_EQ(reports[1].status, verdict);
}

TEST_F(LifecycleScenario, APhaseThatTakesLongIsNamedWhileItGoesOn) {
  std::mutex mutex;
  std::string said;
  set_log_sink([&](LogLevel, std::string_view, std::string_view line) {
    const std::lock_guard lock(mutex);
    said.append(line).append("\n");
  });
  start({stuck("short", 1s), stuck("long", 3s)}, OnFailure::kGoOn);
  advance(1999ms);
  EXPECT_EQ(said.find("goes on"), std::string::npos) << said;
  advance(1ms);
  EXPECT_NE(said.find("phase goes on run=test phase=\"long\" bound_ms=3000"), std::string::npos)
      << said;
  advance(1s);
  set_log_sink(nullptr);
}

TEST_F(LifecycleScenario, TheLogSaysHowLongEachPhaseTook) {
  std::mutex mutex;
  std::string said;
  set_log_sink([&](LogLevel, std::string_view, std::string_view line) {
    const std::lock_guard lock(mutex);
    said.append(line).append("\n");
  });
  start({Phase::pause("wait", 1250ms), stuck("b", 2s), quick("c")}, OnFailure::kGoOn);
  advance(1250ms);
  advance(2s);
  flush_log();
  set_log_sink({});
  EXPECT_EQ(done, 1);
  for (const char* part : {"phase ended run=test phase=\"wait\" took_ms=1250",
                           "phase failed run=test phase=\"b\" took_ms=2000 cause=",
                           "phase ended run=test phase=\"c\" took_ms=0"})
    EXPECT_NE(said.find(part), std::string::npos) << part << "\n" << said;
}

TEST_F(LifecycleScenario, APhaseThatEndsLateChangesNothing) {
  start({stuck("a", 1s), stuck("b", 5s)}, OnFailure::kGoOn);
  advance(1s);
  late.at(0)({});
  run();
  EXPECT_EQ(done, 0);
  late.at(1)({});
  run();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(reports.at(0).status.code(), Errc::kDeadlineExceeded);
}

TEST_F(LifecycleScenario, APauseTakesItsTimeAndIsNoFailure) {
  start({Phase::pause("wait", 3s), quick("a")}, OnFailure::kGoOn);
  advance(2999ms);
  EXPECT_TRUE(begun.empty());
  advance(1ms);
  EXPECT_EQ(done, 1);
  EXPECT_TRUE(first_failure(reports).ok());
  EXPECT_EQ(reports.at(0).took, 3s);
}

TEST_F(LifecycleScenario, HurryCutsTheWaitsAndNothingElse) {
  const auto started = start(
      {Phase::pause("wait", 1h), stuck("withdraw", 2s), stuck("calls", 1h, true), quick("flush")},
      OnFailure::kGoOn);
  started.hurry();
  run();
  EXPECT_EQ(begun, (Names{"withdraw"}));
  advance(2s);
  EXPECT_EQ(begun, (Names{"withdraw", "flush"}));
  EXPECT_EQ(done, 1);
  EXPECT_EQ(reports.size(), 4u);
}

TEST_F(LifecycleScenario, BreakOffLeavesAPhaseThatMayBeLeftAndBeginsNoOther) {
  auto hook = stuck("hook", 1min);
  hook.may_be_left = true;
  const auto started = start({quick("a"), hook, quick("b")}, OnFailure::kBreakOff);
  started.break_off();
  run();
  EXPECT_EQ(begun, (Names{"a", "hook"}));
  EXPECT_EQ(first_failure(reports), Status(Errc::kCancelled, "hook: broken off: asked to stop"));
}

TEST_F(LifecycleScenario, BreakOffAwaitsAPhaseThatMayNotBeLeft) {
  const auto started = start({stuck("bind", 10s), quick("b")}, OnFailure::kBreakOff);
  started.break_off();
  run();
  EXPECT_EQ(done, 0);
  late.at(0)({});
  run();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(begun, (Names{"bind"}));
  EXPECT_EQ(first_failure(reports).code(), Errc::kCancelled);
}

TEST_F(LifecycleScenario, AStopIsNotBrokenOff) {
  const auto started = start({stuck("a", 1s), quick("b")}, OnFailure::kGoOn);
  started.break_off();
  run();
  advance(1s);
  EXPECT_EQ(begun, (Names{"a", "b"}));
}

TEST(PhaseThreads, TellWhatTheWorkReturnedOrThrew) {
  PhaseThreads threads;
  std::promise<Status> returned, thrown;
  threads.blocking([] { return Status(Errc::kNotFound, "a"); })(
      [&](Status status) { returned.set_value(std::move(status)); });
  threads.blocking([]() -> Status { throw std::runtime_error("b"); })(
      [&](Status status) { thrown.set_value(std::move(status)); });
  EXPECT_EQ(returned.get_future().get(), Status(Errc::kNotFound, "a"));
  EXPECT_EQ(thrown.get_future().get(), Status(Errc::kInternal, "b"));
}

TEST(PhaseThreads, AreBusyWhileWorkHasNotComeBack) {
  PhaseThreads threads;
  std::promise<void> go;
  std::promise<void> ended;
  threads.blocking([&] {
    go.get_future().wait();
    return Status();
  })([&](const Status&) { ended.set_value(); });
  EXPECT_TRUE(threads.busy());
  go.set_value();
  ended.get_future().wait();
  EXPECT_FALSE(threads.busy());
}

}  // namespace
}  // namespace brontes
