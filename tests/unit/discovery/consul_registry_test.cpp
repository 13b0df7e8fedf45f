// How the Consul registry registers, beats and lists, under virtual time.
#include <brontes/actors/log.hpp>
#include <brontes/discovery/registries/registries.hpp>

#include "scripted_agents.hpp"

namespace brontes::consul {
namespace {

using namespace std::chrono_literals;

TEST_F(ConsulScenario, APutIsRegisteredBeatenAtOnceAndDoneWhenItIsShown) {
  begin();
  const LeaseId lease = grant(9s);
  asker.tell(registry, PutRecord{lease, instance("a")});
  auto look = next("GET /v1/agent/service/a");
  EXPECT_EQ(look.request.agent, 0u);
  look.refuse(404, "unknown service ID: a");
  auto body = next("PUT /v1/agent/service/register");
  EXPECT_EQ(body.request.body, registration(instance("a"), "/p", 9s));
  body.answer();
  next("PUT /v1/agent/check/pass/service:a").answer();
  // The servers do not know it yet: a question waits for the change.
  next(kHealth).answer("[]", 4);
  auto wait = next("GET /v1/health/service/svc?index=4&wait=30s");
  EXPECT_TRUE(wait.request.once);
  wait.answer(shown({instance("a")}), 5);
  const auto done = asker.expect<RecordPut>();
  EXPECT_EQ(done->key, "svc/a");
  asker.tell(registry, ListRecords{{"svc"}});
  next(kList).answer(shown({instance("a")}), 5);
  EXPECT_EQ(asker.expect<RecordsListed>()->records.at(0).revision, done->revision);
  EXPECT_TRUE(nothing_asked());
}

TEST_F(ConsulScenario, APutThatIsNeverShownIsAnUnknownOutcome) {
  begin("dc7");
  asker.tell(registry, PutRecord{grant(), instance("a")});
  next("GET /v1/agent/service/a").refuse(404, "");
  next("PUT /v1/agent/service/register").answer();
  next("PUT /v1/agent/check/pass/service:a").answer();
  next("GET /v1/health/service/svc?dc=dc7").answer("[]", 4);
  next("GET /v1/health/service/svc?dc=dc7&index=4&wait=30s");
  advance(3s);
  const auto why = asker.expect<Status>();
  EXPECT_EQ(why->code(), Errc::kDeadlineExceeded);
  EXPECT_NE(why->message().find("in datacenter dc7"), std::string::npos) << *why;
}

TEST_F(ConsulScenario, ThePutOfTheSameIsABeat) {
  begin();
  const LeaseId lease = grant();
  put(lease, instance("a"), {instance("a")}, 5);
  asker.tell(registry, PutRecord{lease, instance("a")});
  next("GET /v1/agent/service/a").answer(service(instance("a")).dump());
  next("PUT /v1/agent/check/pass/service:a").answer();
  next(kHealth).answer(shown({instance("a")}), 5);
  asker.expect<RecordPut>();
  EXPECT_TRUE(nothing_asked());
}

TEST_F(ConsulScenario, AServiceWithoutItsCheckIsRegisteredAnew) {
  begin();
  const LeaseId lease = grant();
  put(lease, instance("a"), {instance("a")}, 5);
  asker.tell(registry, PutRecord{lease, instance("a")});
  next("GET /v1/agent/service/a").answer(service(instance("a")).dump());
  next("PUT /v1/agent/check/pass/service:a").refuse(404, "Unknown check");
  next("PUT /v1/agent/service/register").answer();
  next("PUT /v1/agent/check/pass/service:a").answer();
  next(kHealth).answer(shown({instance("a")}), 5);
  asker.expect<RecordPut>();
}

TEST_F(ConsulScenario, NewerProcessesAreNotFought) {
  begin();
  asker.tell(registry, PutRecord{grant(), instance("a", 5)});
  next("GET /v1/agent/service/a").answer(service(instance("a", 6)).dump());
  EXPECT_EQ(refusal(), Errc::kAlreadyExists);
  EXPECT_TRUE(nothing_asked());
}

TEST_F(ConsulScenario, ARenewalBeatsEveryCheckWithTheSameWords) {
  begin();
  const LeaseId lease = grant();
  put(lease, instance("a"), {instance("a")}, 5);
  put(lease, instance("b"), {instance("a"), instance("b")}, 6);
  asker.tell(registry, RenewLease{lease});
  next("PUT /v1/agent/check/pass/service:a").answer();
  auto second = next("PUT /v1/agent/check/pass/service:b");
  EXPECT_EQ(second.request.body, "");
  asker.expect_nothing();
  second.answer();
  EXPECT_EQ(asker.expect<LeaseRenewed>()->ttl, 15s);
}

TEST_F(ConsulScenario, AnAgentThatForgotEverythingEndsTheLease) {
  begin();
  for (const auto& [code, words] :
       {std::pair{500u, "CheckID \"service:a\" does not have associated TTL"},
        {404u, "Unknown check ID \"service:a\""}}) {
    const LeaseId lease = grant();
    put(lease, instance("a"), {instance("a")}, 5);
    asker.tell(registry, RenewLease{lease});
    next("PUT /v1/agent/check/pass/service:a").refuse(code, words);
    EXPECT_EQ(refusal(), Errc::kNotFound) << words;
    asker.tell(registry, RenewLease{lease});
    EXPECT_EQ(refusal(), Errc::kNotFound);
    EXPECT_TRUE(nothing_asked());
  }
}

TEST_F(ConsulScenario, ALeaseOutlivesTheLossOfOneOfItsRecords) {
  begin();
  const LeaseId lease = grant();
  put(lease, instance("a"), {instance("a")}, 5);
  put(lease, instance("b"), {instance("a"), instance("b")}, 6);
  asker.tell(registry, RenewLease{lease});
  next("PUT /v1/agent/check/pass/service:a").refuse(404, "Unknown check");
  next("PUT /v1/agent/check/pass/service:b").answer();
  asker.expect<LeaseRenewed>();
}

TEST_F(ConsulScenario, ALeaseLapsesOnlyWhenNobodyAsksForIt) {
  begin();
  const LeaseId lease = grant(10s);
  put(lease, instance("a"), {instance("a")}, 5);
  // The agent says nothing, but may still know the check.
  for (int i = 0; i < 4; ++i) {
    asker.tell(registry, RenewLease{lease});
    next("PUT /v1/agent/check/pass/service:a");
    advance(2s);
    EXPECT_EQ(refusal(), Errc::kDeadlineExceeded);
    advance(7s);
  }
  EXPECT_EQ(agents->given_up.size(), 4u);
  advance(1s);
  asker.tell(registry, RenewLease{lease});
  EXPECT_EQ(refusal(), Errc::kNotFound);
  asker.tell(registry, PutRecord{lease, instance("a")});
  EXPECT_EQ(refusal(), Errc::kNotFound);
}

TEST_F(ConsulScenario, ADrainedRecordFailsItsCheckAndThenLeaves) {
  begin();
  const LeaseId lease = grant();
  put(lease, instance("a"), {instance("a")}, 5);
  Instance drained = instance("a");
  drained.healthy = false;
  asker.tell(registry, PutRecord{lease, drained});
  next("GET /v1/agent/service/a").answer(service(instance("a")).dump());
  next("PUT /v1/agent/check/fail/service:a?note=draining").answer();
  next(kHealth).answer(nlohmann::json::array({entry(drained, "critical", "draining")}).dump(), 6);
  asker.expect<RecordPut>();
  asker.tell(registry, RevokeLease{lease});
  next("GET /v1/agent/service/a").answer(service(drained).dump());
  next("PUT /v1/agent/service/deregister/a").answer();
  next(kHealth).answer("[]", 7);
  asker.expect<Done>();
  EXPECT_TRUE(nothing_asked());
}

TEST_F(ConsulScenario, ARevocationLeavesTheServiceOfANewerProcess) {
  begin();
  const LeaseId lease = grant();
  put(lease, instance("a", 5), {instance("a", 5)}, 5);
  asker.tell(registry, RevokeLease{lease});
  next("GET /v1/agent/service/a").answer(service(instance("a", 6)).dump());
  asker.expect<Done>();
  EXPECT_TRUE(nothing_asked());
}

TEST_F(ConsulScenario, OnlyReadsGoToAnotherAgent) {
  begin();
  asker.tell(registry, ListRecords{{"svc"}});
  next(kList).fail();
  auto second = next(kList);
  EXPECT_EQ(second.request.agent, 1u);
  second.refuse(500, "No cluster leader");
  const auto why = asker.expect<Status>();
  EXPECT_EQ(why->code(), Errc::kUnavailable);
  EXPECT_EQ(why->message(), "Consul's agent b:1: HTTP 500 No cluster leader");
  asker.tell(registry, PutRecord{grant(), instance("a")});
  next("GET /v1/agent/service/a").fail();
  EXPECT_EQ(refusal(), Errc::kUnavailable);
  EXPECT_TRUE(nothing_asked());
}

TEST_F(ConsulScenario, RefusalsAreNamedForWhatTheyAre) {
  begin();
  const LeaseId lease = grant();
  for (const auto& [code, words, expected] :
       {std::tuple{403u, "Permission denied", Errc::kPermissionDenied},
        {403u, "ACL not found", Errc::kPermissionDenied},
        {500u, "ACL not found", Errc::kPermissionDenied},
        {401u, "", Errc::kUnauthenticated},
        {429u, "", Errc::kResourceExhausted},
        {400u, "Invalid service address", Errc::kInvalidArgument},
        {503u, "", Errc::kUnavailable}}) {
    asker.tell(registry, PutRecord{lease, instance("a")});
    next("GET /v1/agent/service/a").refuse(404, "");
    next("PUT /v1/agent/service/register").refuse(code, words);
    EXPECT_EQ(refusal(), expected) << code << words;
  }
}

TEST_F(ConsulScenario, AThousandAskersMakeFewAttempts) {
  begin();
  std::size_t attempts = 0;
  for (int i = 0; i < 1000; ++i) {
    asker.tell(registry, ListRecords{{"svc"}});
    for (; !nothing_asked(); ++attempts) next(kList).refuse(500, "No cluster leader");
    EXPECT_EQ(refusal(), Errc::kUnavailable);
    advance(10ms);  // ten seconds in all
  }
  EXPECT_GE(attempts, 2u);
  EXPECT_LE(attempts, 40u);
}

TEST_F(ConsulScenario, AnOverloadedAgentIsLeftAloneForAsLongAsItSays) {
  begin();
  asker.tell(registry, ListRecords{{"svc"}});
  next(kList).answer("", 0, 429, 7s);
  EXPECT_EQ(refusal(), Errc::kResourceExhausted);
  advance(6s);
  asker.tell(registry, ListRecords{{"svc"}});
  EXPECT_EQ(refusal(), Errc::kResourceExhausted);
  EXPECT_TRUE(nothing_asked());
  advance(1s);
  asker.tell(registry, ListRecords{{"svc"}});
  next(kList).answer("[]", 1);
  asker.expect<RecordsListed>();
}

TEST_F(ConsulScenario, SixteenQuestionsAtATimeAreAnAgentsShare) {
  begin();
  const LeaseId lease = grant();
  for (int i = 0; i < 20; ++i)
    asker.tell(registry, PutRecord{lease, instance("i" + std::to_string(i))});
  run();
  EXPECT_EQ(agents->questions.size(), 16u);
  next("GET /v1/agent/service/i0").refuse(503, "");
  next("GET /v1/agent/service/i1").refuse(503, "");
  run();
  EXPECT_EQ(agents->questions.size(), 16u);
}

TEST_F(ConsulScenario, TheListOfEverythingAsksForNamesThenForEach) {
  begin("d 1");
  asker.tell(registry, ListRecords{});
  next("GET /v1/catalog/services?dc=d%201&consistent")
      .answer(R"({"consul":[],"svc":["prefix:p"],"two":["prefix:p"],"other":["prefix:q"]})", 3);
  next("GET /v1/health/service/svc?dc=d%201&consistent").answer(shown({instance("a")}), 3);
  next("GET /v1/health/service/two?dc=d%201&consistent").answer("[]", 3);
  EXPECT_EQ(asker.expect<RecordsListed>()->records.size(), 1u);
}

TEST(ConsulUrl, OptionsAreReadAndRefused) {
  const auto options = [](const std::string& url, const RegistryAccess& access = {}) {
    return consul_options(*parse_registry_url(url), access);
  };
  const auto all = options("consul://h:1,i:2?prefix=/p&dc=d", {.password = "t"});
  ASSERT_TRUE(all) << all.error();
  EXPECT_EQ(all->agents, (std::vector<std::string>{"h:1", "i:2"}));
  EXPECT_EQ(all->prefix, "/p");
  EXPECT_EQ(all->datacenter, "d");
  EXPECT_EQ(all->token, "t");
  EXPECT_EQ(options("consul://h:1")->prefix, "/hestia/registry-consul");
  for (const char* url :
       {"consul://h:1?user=u", "consul://h:1?dc=a%20b", "consul://h:1?prefix=%0a"})
    EXPECT_EQ(check_registry(url).code(), Errc::kInvalidArgument) << url;
  EXPECT_EQ(options("consul://h:1", {.password = "a\r\nb"}).error().code(), Errc::kInvalidArgument);
  EXPECT_EQ(options("consul://h:1", {.ca = "/x"}).error().code(), Errc::kInvalidArgument);
  EXPECT_EQ(options("consul://h:1", {.tls = true, .ca = "/no/such"}).error().code(),
            Errc::kInvalidArgument);
  EXPECT_EQ(options("consul://h:1", {.tls = true, .cert = "/x"}).error().code(),
            Errc::kInvalidArgument);
}

}  // namespace
}  // namespace brontes::consul
