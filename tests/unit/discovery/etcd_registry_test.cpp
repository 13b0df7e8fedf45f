// How the etcd registry asks a cluster, under virtual time.
#include <brontes/actors/log.hpp>
#include <brontes/discovery/registries/etcd/detail/keys.hpp>
#include <brontes/discovery/registries/registries.hpp>
#include <random>

#include "scripted_wire.hpp"

namespace brontes::etcd {
namespace {

using namespace std::chrono_literals;

TEST_F(EtcdScenario, WhoeverIsNoEtcdIsFollowedByTheNextMember) {
  for (const auto& [code, text] :
       {std::pair{Errc::kPermissionDenied, "Received http2 header with status: 403"},
        std::pair{Errc::kUnimplemented, "unknown service etcdserverpb.Lease"}}) {
    begin();
    asker.tell(registry, GrantLease{10s});
    auto first = next(kLeaseGrant);
    first->fail(code, text);
    auto second = next(kLeaseGrant);
    EXPECT_NE(second->member, first->member);
    second->answer(granted(7));
    EXPECT_EQ(asker.expect<LeaseGranted>()->lease.value, 7);
    stop(registry);
  }
}

TEST_F(EtcdScenario, AMemberThatFailsIsFollowedByTheNextAtOnce) {
  begin();
  asker.tell(registry, GrantLease{10s});
  auto first = next(kLeaseGrant);
  EXPECT_EQ(first->member, 0u);
  first->fail(Errc::kUnavailable, "connection refused");
  auto second = next(kLeaseGrant);
  EXPECT_EQ(second->member, 1u);
  EXPECT_EQ(second->asked<wire::LeaseGrantRequest>().ttl(), 10);
  EXPECT_EQ(wire->reconnected, std::vector<std::size_t>{0});
  second->answer(granted(7));
  EXPECT_EQ(asker.expect<LeaseGranted>()->lease, LeaseId{7});
  // Whoever answered is asked from now on.
  advance(1min);
  asker.tell(registry, GrantLease{10s});
  EXPECT_EQ(next(kLeaseGrant)->member, 1u);
}

TEST_F(EtcdScenario, AMemberThatSaysNothingIsGivenUp) {
  begin();
  asker.tell(registry, RenewLease{LeaseId{7}});
  auto silent = next(kLeaseKeepAlive);
  advance(999ms);
  EXPECT_TRUE(nothing_asked());
  advance(1ms);
  EXPECT_TRUE(silent->broken_off);
  auto second = next(kLeaseKeepAlive);
  EXPECT_EQ(second->member, 1u);
  EXPECT_EQ(wire->reconnected, std::vector<std::size_t>{0});
  auto renewed = at<wire::LeaseKeepAliveResponse>(1);
  renewed.set_ttl(10);
  second->answer(renewed);
  EXPECT_EQ(asker.expect<LeaseRenewed>()->ttl, 10s);
}

TEST_F(EtcdScenario, AMemberWithoutALeaderKeepsItsConnection) {
  begin();
  asker.tell(registry, GrantLease{10s});
  next(kLeaseGrant)->fail(Errc::kUnavailable, "etcdserver: no leader");
  EXPECT_EQ(next(kLeaseGrant)->member, 1u);
  EXPECT_TRUE(wire->reconnected.empty());
}

TEST_F(EtcdScenario, WhoeverAsksIsAnsweredWhenEveryMemberFailed) {
  begin();
  asker.tell(registry, GrantLease{10s});
  next(kLeaseGrant)->fail(Errc::kUnavailable, "refused");
  next(kLeaseGrant)->fail(Errc::kUnavailable, "refused, too");
  const auto why = asker.expect<Status>();
  EXPECT_EQ(why->code(), Errc::kUnavailable);
  EXPECT_EQ(why->message(), "etcd b:1: refused, too");
}

TEST_F(EtcdScenario, AThousandAskersMakeOneAttempt) {
  begin({"a:1"});
  asker.tell(registry, GrantLease{10s});
  next(kLeaseGrant)->fail(Errc::kUnavailable, "refused");
  EXPECT_EQ(refusal(), Errc::kUnavailable);
  std::size_t attempts = 0;
  for (int i = 0; i < 1000; ++i) {
    advance(10ms);  // ten seconds in all
    asker.tell(registry, GrantLease{10s});
    run();
    if (!wire->talks.empty()) {
      ++attempts;
      next(kLeaseGrant)->fail(Errc::kUnavailable, "refused");
    }
    EXPECT_EQ(asker.expect<Status>()->message().find("refused") != std::string::npos, true);
  }
  EXPECT_GE(attempts, 10u);  // the longest rest is a second
  EXPECT_LE(attempts, 40u);
}

TEST_F(EtcdScenario, ARefusalIsNotTriedElsewhere) {
  begin();
  asker.tell(registry, PutRecord{LeaseId{7}, instance("a")});
  next(kTxn)->fail(Errc::kNotFound, "etcdserver: requested lease not found");
  EXPECT_EQ(refusal(), Errc::kNotFound);
  EXPECT_TRUE(nothing_asked());
}

TEST_F(EtcdScenario, ALeaseWithoutTimeLeftIsNotFound) {
  begin();
  asker.tell(registry, RenewLease{LeaseId{7}});
  next(kLeaseKeepAlive)->answer(at<wire::LeaseKeepAliveResponse>(1));
  EXPECT_EQ(refusal(), Errc::kNotFound);
}

struct EtcdPut : EtcdScenario {
  /// The key is there already.
  static wire::TxnResponse found(const wire::KeyValue& pair, std::int64_t revision = 50) {
    auto message = at<wire::TxnResponse>(revision);
    *message.add_responses()->mutable_response_range()->add_kvs() = pair;
    return message;
  }
  static wire::TxnResponse done(std::int64_t revision) {
    auto message = at<wire::TxnResponse>(revision);
    message.set_succeeded(true);
    return message;
  }
  void put(std::uint64_t born = 5) {
    begin();
    asker.tell(registry, PutRecord{LeaseId{7}, instance("a", born)});
  }
};

TEST_F(EtcdPut, WritesOnlyWhereNothingIsOrWhatWasSeen) {
  put();
  auto first = next(kTxn);
  const auto asked = first->asked<wire::TxnRequest>();
  EXPECT_EQ(asked.compare(0).mod_revision(), 0);
  EXPECT_EQ(asked.success(0).request_put().key(), "/p/svc/a");
  EXPECT_EQ(asked.success(0).request_put().lease(), 7);
  first->answer(found(pair("a", 33, to_json(instance("a", 4)), 6)));
  auto second = next(kTxn);
  EXPECT_EQ(second->asked<wire::TxnRequest>().compare(0).mod_revision(), 33);
  second->answer(done(51));
  EXPECT_EQ(asker.expect<RecordPut>()->revision, 51u);
}

TEST_F(EtcdPut, FindsThatAnAttemptWithoutAnAnswerWasDone) {
  put();
  next(kTxn)->fail(Errc::kUnavailable, "connection reset");
  next(kTxn)->answer(found(pair("a", 33, to_json(instance("a", 5)))));
  EXPECT_EQ(asker.expect<RecordPut>()->revision, 50u);
  EXPECT_TRUE(nothing_asked());
}

TEST_F(EtcdPut, NeverFightsANewerProcess) {
  put();
  next(kTxn)->answer(found(pair("a", 33, to_json(instance("a", 6)), 6)));
  EXPECT_EQ(refusal(), Errc::kAlreadyExists);
}

TEST_F(EtcdPut, OverwritesWhatNobodyCanRead) {
  put();
  next(kTxn)->answer(found(pair("a", 33, "{nonsense", 6)));
  EXPECT_EQ(next(kTxn)->asked<wire::TxnRequest>().compare(0).mod_revision(), 33);
}

TEST_F(EtcdPut, GivesUpWhereSomebodyWritesAllTheTime) {
  put();
  for (int i = 0; i < 8; ++i) next(kTxn)->answer(found(pair("a", 33 + i, "{nonsense", 6)));
  EXPECT_EQ(refusal(), Errc::kAborted);
}

struct EtcdLogin : EtcdScenario {
  void token(const std::string& text) {
    auto login = next(kAuthenticate);
    EXPECT_EQ(login->asked<wire::AuthenticateRequest>().name(), "me");
    EXPECT_EQ(login->asked<wire::AuthenticateRequest>().password(), "secret");
    EXPECT_EQ(login->request.token, "");
    auto response = at<wire::AuthenticateResponse>(1);
    response.set_token(text);
    login->answer(response);
  }
};

TEST_F(EtcdLogin, EverybodyWaitsForOneToken) {
  begin({"a:1"}, "me");
  asker.tell(registry, GrantLease{10s});
  asker.tell(registry, GrantLease{10s});
  token("t1");
  EXPECT_EQ(next(kLeaseGrant)->request.token, "t1");
  EXPECT_EQ(next(kLeaseGrant)->request.token, "t1");
  EXPECT_TRUE(nothing_asked());
}

TEST_F(EtcdLogin, ATokenThatIsRefusedIsRenewedOnce) {
  begin({"a:1"}, "me");
  asker.tell(registry, GrantLease{10s});
  token("t1");
  next(kLeaseGrant)->fail(Errc::kUnauthenticated, "etcdserver: invalid auth token");
  token("t2");
  auto again = next(kLeaseGrant);
  EXPECT_EQ(again->request.token, "t2");
  again->fail(Errc::kUnauthenticated, "etcdserver: invalid auth token");
  EXPECT_EQ(refusal(), Errc::kUnauthenticated);
  EXPECT_TRUE(nothing_asked());
}

TEST_F(EtcdLogin, ARefusedLoginIsNotRepeatedByEverybody) {
  begin({"a:1"}, "me");
  asker.tell(registry, GrantLease{10s});
  next(kAuthenticate)->fail(Errc::kInvalidArgument, "etcdserver: authentication failed");
  EXPECT_EQ(refusal(), Errc::kUnauthenticated);
  asker.tell(registry, GrantLease{10s});
  EXPECT_EQ(refusal(), Errc::kUnauthenticated);
  EXPECT_TRUE(nothing_asked());
  advance(1s);
  asker.tell(registry, GrantLease{10s});
  token("t1");
  next(kLeaseGrant)->answer(granted(7));
  asker.expect<LeaseGranted>();
}

TEST_F(EtcdLogin, AClusterThatLetsEverybodyInNeedsNoToken) {
  begin({"a:1"}, "me");
  asker.tell(registry, GrantLease{10s});
  next(kAuthenticate)->fail(Errc::kFailedPrecondition, "etcdserver: authentication is not enabled");
  auto call = next(kLeaseGrant);
  EXPECT_EQ(call->request.token, "");
  // Somebody switches it on.
  call->fail(Errc::kInvalidArgument, "etcdserver: user name is empty");
  token("t1");
  EXPECT_EQ(next(kLeaseGrant)->request.token, "t1");
}

TEST_F(EtcdScenario, WithoutAUserARefusedTokenSaysWhatToSet) {
  begin();
  asker.tell(registry, GrantLease{10s});
  next(kLeaseGrant)->fail(Errc::kInvalidArgument, "etcdserver: user name is empty");
  const auto why = asker.expect<Status>();
  EXPECT_EQ(why->code(), Errc::kUnauthenticated);
  EXPECT_NE(why->message().find("set registry_auth.user"), std::string::npos);
}

struct EtcdList : EtcdScenario {
  static wire::RangeResponse page(std::int64_t revision, std::vector<wire::KeyValue> pairs,
                                  bool more = false) {
    auto message = at<wire::RangeResponse>(revision);
    for (auto& pair : pairs) *message.add_kvs() = std::move(pair);
    message.set_more(more);
    return message;
  }
};

TEST_F(EtcdList, PagesAreOfOneRevision) {
  begin();
  asker.tell(registry, ListRecords{{"svc"}});
  auto first = next(kRange);
  EXPECT_TRUE(first->request.bulk);
  auto asked = first->asked<wire::RangeRequest>();
  EXPECT_EQ(asked.key(), "/p/svc/");
  EXPECT_EQ(asked.range_end(), "/p/svc0");
  EXPECT_EQ(asked.revision(), 0);
  first->answer(page(40, {pair("a", 3)}, true));
  auto second = next(kRange);
  asked = second->asked<wire::RangeRequest>();
  EXPECT_EQ(asked.key(), std::string("/p/svc/a\0", 9));
  EXPECT_EQ(asked.revision(), 40);
  second->answer(page(45, {pair("b", 4)}));
  const auto listed = asker.expect<RecordsListed>();
  EXPECT_EQ(listed->revision, 40u);
  ASSERT_EQ(listed->records.size(), 2u);
  EXPECT_EQ(listed->records[1].key, "svc/b");
  EXPECT_EQ(listed->records[1].revision, 4u);
}

TEST_F(EtcdList, OfManyRecordsPagesAreLargerAfterTheFirst) {
  begin();
  asker.tell(registry, ListRecords{{"svc"}});
  auto first = next(kRange);
  EXPECT_EQ(first->asked<wire::RangeRequest>().limit(), 2000);
  auto many = page(40, {pair("a", 3)}, true);
  many.set_count(100'000);
  first->answer(many);
  auto second = next(kRange);
  EXPECT_EQ(second->asked<wire::RangeRequest>().limit(), 10'000);
  auto rest = page(40, {pair("b", 4)}, true);
  rest.set_count(98'000);  // what is left, as etcd counts
  second->answer(rest);
  EXPECT_EQ(next(kRange)->asked<wire::RangeRequest>().limit(), 10'000);
}

TEST_F(EtcdList, BeginsAnewWhenItsRevisionIsCompacted) {
  begin();
  asker.tell(registry, ListRecords{{"svc"}});
  next(kRange)->answer(page(40, {pair("a", 3)}, true));
  next(kRange)->fail(Errc::kOutOfRange, "etcdserver: mvcc: required revision has been compacted");
  auto again = next(kRange);
  EXPECT_EQ(again->asked<wire::RangeRequest>().revision(), 0);
  again->answer(page(60, {pair("b", 55)}));
  const auto listed = asker.expect<RecordsListed>();
  ASSERT_EQ(listed->records.size(), 1u);
  EXPECT_EQ(listed->revision, 60u);
}

TEST_F(EtcdList, UnreadableRecordsAreNamedOnceAndHideNoOther) {
  std::vector<std::string> lines;
  set_log_sink(
      [&](LogLevel, std::string_view, std::string_view line) { lines.emplace_back(line); });
  begin();
  Instance liar = instance("z");
  for (int i = 0; i < 2; ++i) {
    asker.tell(registry, ListRecords{{"svc"}});
    next(kRange)->answer(page(40, {pair("a", 3, "{nonsense"), pair("b", 4, to_json(liar)),
                                   pair("c", 5), pair("d", 6, "{\"weight\":\"x\"}")}));
    const auto listed = asker.expect<RecordsListed>();
    ASSERT_EQ(listed->records.size(), 1u);
    EXPECT_EQ(listed->records[0].key, "svc/c");
  }
  set_log_sink(nullptr);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_NE(lines[0].find("key=/p/svc/a count=1"), std::string::npos) << lines[0];
  EXPECT_NE(lines[1].find("it says that it is svc/z"), std::string::npos) << lines[1];
}

TEST_F(EtcdList, F42OfGarbledValuesThoseThatAreNoRecordsAreSkippedAndHideNoOther) {
  set_log_sink([](LogLevel, std::string_view, std::string_view) {});
  begin();
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::vector<wire::KeyValue> pairs;
    std::size_t good = 0;
    for (int i = 0; i < 500; ++i) {
      const std::string id = std::to_string(seed) + "-" + std::to_string(i);
      std::string value = to_json(instance(id));
      for (auto flips = random() % 4; flips > 0; --flips)
        value[random() % value.size()] = static_cast<char>(random());
      if (random() % 8 == 0) value.resize(random() % value.size());
      if (random() % 8 == 0) value += std::string(random() % 100, '[');
      const auto read = instance_from_json(value);
      good += read && record_key(*read) == "svc/" + id ? 1 : 0;
      pairs.push_back(pair(id, i + 1, value.empty() ? " " : value));
    }
    asker.tell(registry, ListRecords{{"svc"}});
    next(kRange)->answer(page(1000, std::move(pairs)));
    EXPECT_EQ(asker.expect<RecordsListed>()->records.size(), good);
  }
  set_log_sink(nullptr);
}

TEST_F(EtcdList, AnotherClusterIsAnotherEpoch) {
  begin();
  for (const auto& [cluster, epoch] : {std::pair{1, 1u}, {1, 1u}, {2, 2u}}) {
    asker.tell(registry, ListRecords{{"svc"}});
    auto answer = page(40, {});
    answer.mutable_header()->set_cluster_id(cluster);
    next(kRange)->answer(answer);
    EXPECT_EQ(asker.expect<RecordsListed>()->epoch, epoch);
  }
}

}  // namespace
}  // namespace brontes::etcd
