// How the Consul registry waits for changes, and what it tells watchers, under virtual time.
#include <brontes/actors/log.hpp>

#include "scripted_agents.hpp"

namespace brontes::consul {
namespace {

using namespace std::chrono_literals;

struct ConsulWatching : ConsulScenario {
  static std::string waiting(int index) {
    return std::string(kHealth) + "?index=" + std::to_string(index) + "&wait=30s";
  }
  void list(const std::vector<Instance>& instances, std::uint64_t index) {
    asker.tell(registry, ListRecords{{"svc"}});
    next(kList).answer(shown(instances), index);
    listed = *asker.expect<RecordsListed>();
  }
  /// From what was listed; then one question waits at the agent.
  ScriptedAgents::Asked watch(const std::vector<Instance>& instances, int index) {
    list(instances, static_cast<std::uint64_t>(index));
    asker.tell(registry, WatchRecords{{1}, {"svc"}, listed.revision, watcher.handle()});
    next(kHealth).answer(shown(instances), static_cast<std::uint64_t>(index));
    asker.expect<WatchStarted>();
    watcher.expect<WatchProgress>();
    return next(waiting(index));
  }
  Errc broken() { return watcher.expect<WatchBroken>()->cause.code(); }

  RecordsListed listed;
};

TEST_F(ConsulWatching, AChangeIsToldAndTheNextOneIsWaitedFor) {
  begin();
  auto question = watch({instance("a")}, 5);
  question.answer(shown({instance("a"), instance("b")}), 6);
  const auto changed = watcher.expect<RecordsChanged>();
  ASSERT_EQ(changed->events.size(), 1u);
  EXPECT_EQ(changed->events[0].record.key, "svc/b");
  EXPECT_EQ(changed->revision, listed.revision + 1);
  next(waiting(6)).answer(shown({instance("b")}), 7);
  const auto gone = watcher.expect<RecordsChanged>();
  EXPECT_EQ(gone->events[0].type, RecordEvent::Type::kRemoved);
  EXPECT_EQ(gone->events[0].record.key, "svc/a");
  next(waiting(7));
}

TEST_F(ConsulWatching, AnAnswerWithoutAChangeIsAProofThatNothingIsMissing) {
  begin();
  watch({instance("a")}, 5).answer(shown({instance("a")}), 5);
  EXPECT_EQ(watcher.expect<WatchProgress>()->revision, listed.revision);
  next(waiting(5)).answer(shown({instance("a")}), 9);  // something else has changed
  watcher.expect<WatchProgress>();
  next(waiting(9));
  watcher.expect_nothing();
}

TEST_F(ConsulWatching, ThatEverythingIsGoneIsBelievedWhenAMajoritySaysSo) {
  begin();
  watch({instance("a")}, 5).answer("[]", 6);
  auto proof = next(kList);
  watcher.expect_nothing();
  proof.answer(shown({instance("a")}), 7);
  watcher.expect<WatchProgress>();
  next(waiting(7)).answer("[]", 8);
  next(kList).answer("[]", 8);
  EXPECT_EQ(watcher.expect<RecordsChanged>()->events.at(0).type, RecordEvent::Type::kRemoved);
  next(waiting(8)).answer("[]", 9);
  next(waiting(9));
}

TEST_F(ConsulWatching, ACriticalCheckIsARemoval) {
  begin();
  watch({instance("a")}, 5)
      .answer(nlohmann::json::array({entry(instance("a"), "critical", "TTL expired")}).dump(), 6);
  EXPECT_EQ(watcher.expect<RecordsChanged>()->events.at(0).type, RecordEvent::Type::kRemoved);
}

TEST_F(ConsulWatching, AnIndexThatFellIsALostHistory) {
  begin();
  watch({instance("a")}, 5).answer(shown({instance("b")}), 3);
  EXPECT_EQ(broken(), Errc::kOutOfRange);
  list({instance("b")}, 3);
  EXPECT_EQ(listed.epoch, 2u);
  ASSERT_EQ(listed.records.size(), 1u);
  EXPECT_EQ(listed.records[0].key, "svc/b");
}

TEST_F(ConsulWatching, AfterAFailureTheNextQuestionDoesNotWait) {
  begin();
  watch({instance("a")}, 5).fail();
  EXPECT_EQ(broken(), Errc::kUnavailable);
  EXPECT_TRUE(nothing_asked());
  advance(5s);
  // Whoever watches again is answered by the servers as they are, wiped or not.
  asker.tell(registry, WatchRecords{{2}, {"svc"}, listed.revision, watcher.handle()});
  auto again = next(kHealth);
  EXPECT_EQ(again.request.agent, 1u);
  again.answer("[]", 2);
  EXPECT_EQ(asker.expect<WatchStarted>()->epoch, 2u);
}

TEST_F(ConsulWatching, AnotherAgentIsAskedWithoutWaitingFirst) {
  begin();
  auto question = watch({instance("a")}, 5);
  asker.tell(registry, ListRecords{{"other"}});
  next("GET /v1/health/service/other?consistent").fail();  // by way of another service
  next("GET /v1/health/service/other?consistent").answer("[]", 5);
  asker.expect<RecordsListed>();
  question.answer(shown({instance("a")}), 6);
  watcher.expect<WatchProgress>();
  auto first = next(kHealth);
  EXPECT_EQ(first.request.agent, 1u);
  first.answer(shown({instance("a")}), 6);
  EXPECT_EQ(next(waiting(6)).request.agent, 1u);
}

TEST_F(ConsulWatching, ASilentAgentIsGivenUpWhenItsWaitIsOver) {
  begin();
  const auto question = watch({instance("a")}, 5);
  advance(41s);
  watcher.expect_nothing();
  EXPECT_TRUE(agents->given_up.empty());
  advance(1s);
  EXPECT_EQ(broken(), Errc::kDeadlineExceeded);
  EXPECT_EQ(agents->given_up.count(question.request.exchange), 1u);
}

TEST_F(ConsulWatching, AQuestionThatNobodyWantsAnyMoreIsNotGivenUpButNotRepeated) {
  begin();
  auto question = watch({instance("a")}, 5);
  asker.tell(registry, StopWatch{{1}, watcher.handle()});
  run();
  EXPECT_TRUE(agents->given_up.empty());
  question.answer(shown({instance("b")}), 6);
  EXPECT_TRUE(nothing_asked());
  watcher.expect_nothing();
}

TEST_F(ConsulWatching, AWatcherThatDiesIsForgotten) {
  begin();
  auto question = watch({instance("a")}, 5);
  stop(watcher.handle());
  question.answer(shown({instance("b")}), 6);
  EXPECT_TRUE(nothing_asked());
}

TEST_F(ConsulWatching, TenQuestionsAreAskedAtOnceThenTwoASecond) {
  begin();
  auto question = watch({instance("a")}, 5);
  int index = 5;
  const auto burst = [&] {
    int asked = 0;
    for (;; ++asked) {
      question.answer(shown({instance("a")}), static_cast<std::uint64_t>(++index));
      if (nothing_asked()) return asked;
      question = next(waiting(index));
    }
  };
  EXPECT_EQ(burst(), 9);  // and the one of before
  advance(499ms);
  EXPECT_TRUE(nothing_asked());
  advance(1ms);
  question = next(waiting(index));
  EXPECT_EQ(burst(), 0);
  advance(10s);
  question = next(waiting(index));  // half a second after the last one
  EXPECT_EQ(burst(), 10);
}

TEST_F(ConsulWatching, AGarbledRecordStaysAsItWasUntilItIsPutRightOrGone) {
  std::vector<std::string> lines;
  set_log_sink(
      [&](LogLevel, std::string_view, std::string_view line) { lines.emplace_back(line); });
  begin();
  auto question = watch({instance("a"), instance("b")}, 5);
  auto garbled = entry(instance("a"));
  garbled["Service"]["Port"] = 0;
  question.answer(nlohmann::json::array({garbled, entry(instance("b"))}).dump(), 6);
  watcher.expect<WatchProgress>();
  question = next(waiting(6));
  question.answer(nlohmann::json::array({garbled, entry(instance("c"))}).dump(), 7);
  EXPECT_EQ(watcher.expect<RecordsChanged>()->events.size(), 2u);  // of b and c
  garbled["Checks"][0]["Status"] = "critical";
  next(waiting(7)).answer(nlohmann::json::array({garbled, entry(instance("c"))}).dump(), 8);
  EXPECT_EQ(watcher.expect<RecordsChanged>()->events.at(0).record.key, "svc/a");
  set_log_sink(nullptr);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("svc/a: no address, or no port"), std::string::npos) << lines[0];
}

TEST_F(ConsulWatching, AnAnswerThatCannotBeReadIsAFailure) {
  begin();
  watch({instance("a")}, 5).answer("<html>", 6);
  EXPECT_EQ(broken(), Errc::kInternal);
}

TEST_F(ConsulWatching, OfTwoNodesWithOneIdTheNewerProcessCounts) {
  begin();
  auto question = watch({instance("a", 5)}, 5);
  question.answer(shown({instance("a", 6), instance("a", 5)}), 6);
  EXPECT_EQ(incarnation(*watcher.expect<RecordsChanged>()->events.at(0).record.instance), 6u);
}

TEST_F(ConsulWatching, ARevisionOfAnotherProcessIsListedAnew) {
  begin();
  asker.tell(registry, WatchRecords{{1}, {"svc"}, 1000, watcher.handle()});
  next(kHealth).answer("[]", 5);
  EXPECT_EQ(refusal(), Errc::kOutOfRange);
}

TEST_F(ConsulWatching, SixtyFourServicesAreWatchedAtMost) {
  begin();
  std::vector<ScriptedAgents::Asked> waits;
  for (int i = 0; i < 64; ++i) {
    const std::string name = "s" + std::to_string(i);
    asker.tell(registry, WatchRecords{{1 + std::uint64_t(i)}, {name}, 1, watcher.handle()});
    next("GET /v1/health/service/" + name).answer("[]", 5);
    asker.expect<WatchStarted>();
    waits.push_back(next("GET /v1/health/service/" + name + "?index=5&wait=30s"));
  }
  asker.tell(registry, WatchRecords{{100}, {"one-too-many"}, 1, watcher.handle()});
  EXPECT_EQ(refusal(), Errc::kResourceExhausted);
  asker.tell(registry, WatchRecords{{101}, {"s7"}, 1, watcher.handle()});
  next("GET /v1/health/service/s7").answer("[]", 5);
  asker.expect<WatchStarted>();
}

TEST_F(ConsulWatching, AWatchOfEverythingFollowsTheNames) {
  begin();
  const std::string names = "GET /v1/catalog/services";
  asker.tell(registry, WatchRecords{{1}, {}, 1, watcher.handle()});
  next(names).answer(R"({"svc":["prefix:p"]})", 5);
  next(kHealth).answer("[]", 5);  // for whoever waits for changes
  next(kHealth).answer("[]", 5);  // for the beginning of this watch
  asker.expect<WatchStarted>();
  watcher.expect<WatchProgress>();
  auto of_svc = next(waiting(5));
  auto of_names = next(names + "?index=5&wait=30s");
  of_svc.answer(shown({instance("a")}), 6);
  EXPECT_EQ(watcher.expect<RecordsChanged>()->events.at(0).record.key, "svc/a");
  next(waiting(6));
  of_names.answer(R"({"svc":["prefix:p"],"two":["prefix:p"]})", 7);
  next("GET /v1/health/service/two").answer("[]", 7);
  next(names + "?index=7&wait=30s");
}

}  // namespace
}  // namespace brontes::consul
