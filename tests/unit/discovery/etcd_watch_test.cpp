// Watches of the etcd registry, under virtual time.
#include <random>

#include "scripted_wire.hpp"

namespace brontes::etcd {
namespace {

using namespace std::chrono_literals;

struct EtcdWatching : EtcdScenario {
  static wire::WatchResponse created(std::int64_t revision) {
    auto message = at<wire::WatchResponse>(revision);
    message.set_created(true);
    return message;
  }
  static wire::Event put(const std::string& id, std::int64_t revision, std::string value = "") {
    wire::Event event;
    *event.mutable_kv() = pair(id, revision, std::move(value));
    return event;
  }
  static wire::Event removed(const std::string& id, std::int64_t revision) {
    wire::Event event;
    event.set_type(wire::Event::DELETE);
    event.mutable_kv()->set_key("/p/svc/" + id);
    event.mutable_kv()->set_mod_revision(revision);
    return event;
  }
  static wire::WatchResponse changes(std::int64_t revision, std::vector<wire::Event> events) {
    auto message = at<wire::WatchResponse>(revision);
    for (auto& event : events) *message.add_events() = std::move(event);
    return message;
  }
  ScriptedWire::TalkPtr ask(std::uint64_t after, std::uint64_t id = 1) {
    asker.tell(registry, WatchRecords{{id}, {"svc"}, after, watcher.handle()});
    return next(kWatch);
  }
  ScriptedWire::TalkPtr watch(std::uint64_t after = 20, std::int64_t revision = 30) {
    begin();
    auto stream = ask(after);
    begins(stream, revision);
    return stream;
  }
  WatchStarted begins(const ScriptedWire::TalkPtr& stream, std::int64_t revision,
                      const std::string& mark = "one") {
    stream->answer(created(revision));
    auto question = next(kRange);
    EXPECT_EQ(question->asked<wire::RangeRequest>().key(), "/p/_epoch");
    question->answer(marked(mark));
    return *asker.expect<WatchStarted>();
  }
  Errc why_broken() { return watcher.expect<WatchBroken>()->cause.code(); }
};

TEST_F(EtcdWatching, BeginsWithTheRevisionThatIsKnown) {
  begin();
  auto stream = ask(20);
  wire::WatchRequest asked = stream->asked<wire::WatchRequest>();
  EXPECT_EQ(asked.create_request().key(), "/p/svc/");
  EXPECT_EQ(asked.create_request().range_end(), "/p/svc0");
  EXPECT_EQ(asked.create_request().start_revision(), 20);
  EXPECT_TRUE(asked.create_request().progress_notify());
  EXPECT_TRUE(asked.create_request().fragment());
  EXPECT_EQ(begins(stream, 33).revision, 33u);
  // From nothing on means everything, never "from now on".
  EXPECT_EQ(ask(0, 2)->asked<wire::WatchRequest>().create_request().start_revision(), 1);
}

TEST_F(EtcdWatching, DropsWhatIsKnownAndCountsEventsNotHeaders) {
  auto stream = watch();
  stream->answer(changes(99, {put("a", 20), put("b", 21), removed("c", 22)}));
  const auto changed = watcher.expect<RecordsChanged>();
  EXPECT_EQ(changed->revision, 22u);  // 23 may still come, though the header is at 99
  ASSERT_EQ(changed->events.size(), 2u);
  EXPECT_EQ(changed->events[0].record.key, "svc/b");
  EXPECT_EQ(changed->events[1].type, RecordEvent::Type::kRemoved);
  stream->answer(changes(99, {removed("c", 22), put("d", 23)}));
  EXPECT_EQ(watcher.expect<RecordsChanged>()->events.size(), 1u);
}

TEST_F(EtcdWatching, ListensForTheNextMessageOnlyAfterOne) {
  auto stream = watch();
  EXPECT_EQ(stream->listened, 1);
  stream->answer(changes(31, {put("a", 31)}));
  run();
  EXPECT_EQ(stream->listened, 2);
}

TEST_F(EtcdWatching, JoinsFragmentsOfOneRevision) {
  auto stream = watch();
  auto part = changes(40, {put("a", 31)});
  part.set_fragment(true);
  stream->answer(part);
  run();
  watcher.expect_nothing();
  stream->answer(changes(40, {put("b", 31)}));
  EXPECT_EQ(watcher.expect<RecordsChanged>()->events.size(), 2u);
}

TEST_F(EtcdWatching, F30WhereverRevisionsAreCutTheirEventsComeTogether) {
  auto stream = watch(20, 30);
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const int count = 1 + static_cast<int>(random() % 100);
    const auto revision = static_cast<std::int64_t>(30 + seed);
    auto part = changes(revision, {});
    for (int i = 0; i < count; ++i) {
      *part.add_events() = put("r" + std::to_string(i), revision);
      if (i + 1 == count || random() % 4 != 0) continue;
      part.set_fragment(true);
      stream->answer(part);
      run();
      watcher.expect_nothing();
      part = changes(revision, {});
    }
    stream->answer(part);
    EXPECT_EQ(watcher.expect<RecordsChanged>()->events.size(), static_cast<std::size_t>(count));
  }
}

TEST_F(EtcdWatching, TellsOfRecordsThatCannotBeReadWithoutAnInstance) {
  auto stream = watch();
  stream->answer(changes(31, {put("a", 31, "{nonsense")}));
  const auto changed = watcher.expect<RecordsChanged>();
  ASSERT_EQ(changed->events.size(), 1u);
  EXPECT_EQ(changed->events[0].type, RecordEvent::Type::kPut);
  EXPECT_EQ(changed->events[0].record.instance, nullptr);
}

TEST_F(EtcdWatching, TakesProgressFromEtcdButNotFromAnAnswer) {
  auto stream = watch();
  auto answer = at<wire::WatchResponse>(50);
  answer.set_watch_id(-1);
  stream->answer(answer);
  run();
  watcher.expect_nothing();
  stream->answer(at<wire::WatchResponse>(40));
  EXPECT_EQ(watcher.expect<WatchProgress>()->revision, 40u);
}

TEST_F(EtcdWatching, CompactedHistoryIsOutOfRange) {
  auto stream = watch();
  auto cancelled = at<wire::WatchResponse>(50);
  cancelled.set_canceled(true);
  cancelled.set_compact_revision(45);
  stream->answer(cancelled);
  EXPECT_EQ(why_broken(), Errc::kOutOfRange);
  EXPECT_TRUE(stream->broken_off);
}

TEST_F(EtcdWatching, BreaksWhenEtcdFallsBehind) {
  auto stream = watch();
  stream->answer(changes(31, {put("a", 31)}));
  watcher.expect<RecordsChanged>();
  stream->answer(at<wire::WatchResponse>(5));
  EXPECT_EQ(why_broken(), Errc::kUnavailable);
}

TEST_F(EtcdWatching, ABrokenStreamLeadsToTheNextMember) {
  auto stream = watch();
  stream->fail(Errc::kUnavailable, "connection reset");
  const auto broken = watcher.expect<WatchBroken>();
  EXPECT_EQ(broken->cause.message(), "etcd a:1: connection reset");
  EXPECT_EQ(ask(30)->member, 1u);
}

TEST_F(EtcdWatching, AMemberThatLostItsLeaderWasBlindForAWhile) {
  auto stream = watch();
  stream->fail(Errc::kUnavailable, "etcdserver: no leader");
  EXPECT_EQ(why_broken(), Errc::kFailedPrecondition);
}

TEST_F(EtcdWatching, ASilentWatchIsAskedAndThenGivenUp) {
  auto stream = watch();
  advance(4999ms);
  EXPECT_TRUE(stream->more.empty());
  advance(1ms);
  ASSERT_EQ(stream->more.size(), 1u);
  wire::WatchRequest question;
  ASSERT_TRUE(question.ParseFromString(stream->more[0]));
  EXPECT_TRUE(question.has_progress_request());
  auto answer = at<wire::WatchResponse>(30);
  answer.set_watch_id(-1);
  stream->answer(answer);
  advance(4999ms);
  EXPECT_EQ(stream->more.size(), 1u);
  advance(1ms);
  EXPECT_EQ(stream->more.size(), 2u);
  advance(3s);
  EXPECT_EQ(stream->more.size(), 3u);
  watcher.expect_nothing();
  advance(3s);
  EXPECT_EQ(why_broken(), Errc::kUnavailable);
  EXPECT_EQ(wire->reconnected, std::vector<std::size_t>{0});
  EXPECT_EQ(ask(30)->member, 1u);
}

TEST_F(EtcdWatching, AWatchThatNeverBeginsIsGivenUp) {
  begin();
  auto stream = ask(20);
  advance(2999ms);
  EXPECT_FALSE(stream->broken_off);
  advance(1ms);
  EXPECT_TRUE(stream->broken_off);
  EXPECT_EQ(refusal(), Errc::kUnavailable);
  EXPECT_EQ(ask(20)->member, 1u);
}

TEST_F(EtcdWatching, ATokenThatIsRefusedIsRenewedForTheNextWatch) {
  begin({"a:1"}, "me");
  asker.tell(registry, WatchRecords{{1}, {"svc"}, 20, watcher.handle()});
  auto login = at<wire::AuthenticateResponse>(1);
  login.set_token("t1");
  next(kAuthenticate)->answer(login);
  auto stream = next(kWatch);
  EXPECT_EQ(stream->request.token, "t1");
  auto cancelled = at<wire::WatchResponse>(50);
  cancelled.set_created(true);
  cancelled.set_canceled(true);
  cancelled.set_watch_id(-1);
  cancelled.set_cancel_reason(
      "rpc error: code = Unauthenticated desc = etcdserver: invalid auth token");
  stream->answer(cancelled);
  EXPECT_EQ(refusal(), Errc::kUnauthenticated);
  asker.tell(registry, WatchRecords{{2}, {"svc"}, 20, watcher.handle()});
  next(kAuthenticate);
}

TEST_F(EtcdWatching, OtherDataBehindTheSameClusterIsAnotherEpoch) {
  begin();
  const auto first = begins(ask(20), 30, "one");
  EXPECT_EQ(begins(ask(30, 2), 40, "one").epoch, first.epoch);
  // Its revision is not behind ours, and its cluster has the same id.
  EXPECT_GT(begins(ask(40, 3), 50, "two").epoch, first.epoch);
}

TEST_F(EtcdWatching, WhoMissesTheMarkPutsItUnlessSomebodyWasQuicker) {
  begin();
  auto stream = ask(20);
  stream->answer(created(30));
  next(kRange)->answer(marked(""));
  auto question = next(kTxn);
  const auto asked = question->asked<wire::TxnRequest>();
  EXPECT_EQ(asked.compare(0).key(), "/p/_epoch");
  EXPECT_EQ(asked.compare(0).target(), wire::Compare::MOD);
  EXPECT_EQ(asked.compare(0).mod_revision(), 0);
  EXPECT_EQ(asked.success(0).request_put().key(), "/p/_epoch");
  EXPECT_EQ(asked.success(0).request_put().value().size(), 32u);
  EXPECT_EQ(asked.success(0).request_put().lease(), 0);
  auto quicker = at<wire::TxnResponse>(31);
  *quicker.add_responses()->mutable_response_range() = marked("theirs");
  question->answer(quicker);
  const auto started = *asker.expect<WatchStarted>();
  EXPECT_EQ(begins(ask(30, 2), 40, "theirs").epoch, started.epoch);
}

TEST_F(EtcdWatching, NothingIsHeardBeforeTheMarkIsKnown) {
  begin();
  auto stream = ask(20);
  stream->answer(created(30));
  auto question = next(kRange);
  EXPECT_EQ(stream->listened, 0);
  asker.expect_nothing();
  question->answer(marked("one"));
  asker.expect<WatchStarted>();
  EXPECT_EQ(stream->listened, 1);
}

TEST_F(EtcdWatching, AUserWhoMayNotSeeTheMarkWatchesWithout) {
  begin();
  auto stream = ask(20);
  stream->answer(created(30));
  next(kRange)->fail(Errc::kPermissionDenied, "etcdserver: permission denied");
  asker.expect<WatchStarted>();
}

TEST_F(EtcdWatching, AWatchWhoseDataIsUnknownDoesNotBegin) {
  begin({"a:1"});
  auto stream = ask(20);
  stream->answer(created(30));
  next(kRange)->fail(Errc::kUnavailable, "connection reset");
  run();
  EXPECT_TRUE(stream->broken_off);
  EXPECT_EQ(refusal(), Errc::kUnavailable);
}

TEST_F(EtcdWatching, StoppingEndsTheStream) {
  auto stream = watch();
  tell(registry, StopWatch{{1}, watcher.handle()});
  run();
  EXPECT_TRUE(stream->broken_off);
  watcher.expect_nothing();
}

TEST_F(EtcdWatching, AWatchThatIsStoppedBeforeItBeganIsCancelled) {
  begin();
  auto stream = ask(20);
  asker.tell(registry, StopWatch{{1}, watcher.handle()});
  EXPECT_EQ(refusal(), Errc::kCancelled);
  EXPECT_TRUE(stream->broken_off);
}

}  // namespace
}  // namespace brontes::etcd
