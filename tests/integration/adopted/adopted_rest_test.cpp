// Adopted services over REST: the chain once, and everything that a call carries.
#include <brontes/actors/system.hpp>
#include <brontes/actors/testkit/local_door.hpp>
#include <brontes/runtime/interceptors/deadline.hpp>
#include <future>

#include "adopted_world.hpp"
#include "node_with_parlour.hpp"
#include "parlour.brontes.hpp"

namespace brontes::testing {
namespace {

using parlour::ParlourMethods;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Enters the peer that the chain sees.
class PeerWitness final : public Interceptor {
 public:
  explicit PeerWitness(Diary& diary) : diary_(diary) {}
  const char* name() const override { return "peer"; }
  Status on_headers(Call& call) override {
    diary_.note("chain peer " + call.peer());
    return {};
  }

 private:
  Diary& diary_;
};

struct AdoptedRest : ::testing::TestWithParam<bool> {
  Diary diary;
  NodeWithParlour node{
      GetParam() ? make_callback_parlour(diary) : make_sync_parlour(diary),
      [this](Node& chained) { chained.intercept(std::make_shared<Witness>("inner", diary)); }};
};

INSTANTIATE_TEST_SUITE_P(Both, AdoptedRest, ::testing::Bool());

TEST_P(AdoptedRest, GetAndPostPassTheChainOnce) {
  for (const bool by_get : {true, false}) {
    diary.turn_page();
    const std::string answer =
        by_get ? node.get("/v1/say/ada") : node.ask("POST", "/v1/say", {}, R"({"name":"ada"})");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
    EXPECT_TRUE(has(answer, R"({"text":"hello ada","index":0})")) << answer;
    EXPECT_EQ(diary.wait_for("inner done"), (Entries{"inner headers", "inner request name: \"ada\"",
                                                     "handler", "inner done OK"}));
  }
}

TEST_P(AdoptedRest, CarriesMetadataDeadlineHeadersAndTrailers) {
  const std::string answer =
      node.get("/v1/say/ada", "Grpc-Metadata-X-Do: facts\r\nGrpc-Timeout: 10S\r\nTE: trailers\r\n");
  EXPECT_TRUE(has(answer, "Grpc-Metadata-X-Head: h")) << answer;
  EXPECT_TRUE(has(answer, "Grpc-Trailer-X-Tail: t")) << answer;
  EXPECT_TRUE(has(answer, "x-do ")) << answer;
  EXPECT_TRUE(has(answer, "x-forwarded-for ")) << answer;
  EXPECT_TRUE(has(answer, "x-request-id ")) << answer;
  EXPECT_TRUE(has(answer, "\"index\":1")) << answer;
}

TEST_P(AdoptedRest, LeavesOutMetadataThatCannotTravel) {
  for (const char* target : {"/v1/say/ada", "/v1/countdown/0"}) {
    const std::string answer = node.get(target, "Grpc-Metadata-X-Do: odd\r\nTE: trailers\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
    EXPECT_FALSE(has(answer, "forged") || has(answer, "Odd") || has(answer, "Upper")) << answer;
  }
  EXPECT_TRUE(has(node.get("/v1/say/ada", "Grpc-Metadata-X-Do: odd\r\nTE: trailers\r\n"),
                  "Grpc-Trailer-X-Why: fine"));
}

TEST_P(AdoptedRest, IsRefusedByTheChainBeforeTheHandler) {
  const std::string answer = node.get("/v1/say/ada", "Grpc-Metadata-X-Refuse: headers\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 429")) << answer;
  EXPECT_EQ(diary.wait_for("inner done"),
            (Entries{"inner headers", "inner done RESOURCE_EXHAUSTED"}));
}

TEST_P(AdoptedRest, TellsTheStatusOfTheHandler) {
  const std::string answer = node.get("/v1/say/ada", "Grpc-Metadata-X-Do: fail\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 409")) << answer;
  EXPECT_TRUE(has(answer, R"("code":10,"message":"failed")")) << answer;
  EXPECT_EQ(diary.entry("inner done"), "inner done ABORTED");
}

TEST_P(AdoptedRest, HidesWhatAHandlerThrows) {
  const std::string answer = node.get("/v1/say/ada", "Grpc-Metadata-X-Do: throw\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 500")) << answer;
  EXPECT_FALSE(has(answer, "secret")) << answer;
  EXPECT_TRUE(has(answer, "internal error, incident ")) << answer;
}

TEST_P(AdoptedRest, StreamsReplies) {
  const std::string answer = node.get("/v1/countdown/40");
  for (const int index : {40, 17, 1})
    EXPECT_TRUE(has(answer, R"({"result":{"text":"","index":)" + std::to_string(index) + "}}"))
        << answer;
  EXPECT_EQ(diary.entry("inner done"), "inner done OK");
}

TEST_P(AdoptedRest, TellsAnErrorBehindTheReplies) {
  const std::string answer = node.get("/v1/countdown/2", "Grpc-Metadata-X-Do: fail\r\n");
  EXPECT_TRUE(has(answer, R"("index":1}})")) << answer;
  EXPECT_TRUE(has(answer, R"({"error":{"code":10,"message":"failed")")) << answer;
}

TEST_P(AdoptedRest, TakesStreamsOfRequests) {
  const std::string asks = "{\"name\":\"a\"}\n{\"name\":\"b\"}\n{\"name\":\"c\"}\n";
  EXPECT_TRUE(has(node.ask("POST", "/v1/collect", {}, asks), R"("index":3)"));
  const std::string chat = node.ask("POST", "/v1/chat", {}, asks);
  for (const char* name : {"a", "b", "c"})
    EXPECT_TRUE(has(chat, std::string(R"({"text":")") + name + "\"")) << chat;
}

TEST_P(AdoptedRest, CancelsTheHandlerWhenTheClientLeaves) {
  {
    HttpConnection connection(node->http_port());
    connection.send("GET", "/v1/say/ada", "Grpc-Metadata-X-Do: wait\r\n");
    diary.wait_for("handler");
  }
  EXPECT_EQ(diary.entry("inner done"), "inner done CANCELLED");
}

TEST_P(AdoptedRest, EndsTheHandlerWithTheCallThatABadItemEnds) {
  for (const char* path : {"/v1/collect", "/v1/chat"}) {
    const std::string answer =
        node.ask("POST", path, "Grpc-Metadata-X-Do: wait\r\n", "{\"name\":\"a\"}{bad");
    EXPECT_TRUE(has(answer, R"("code":3)")) << answer;
    EXPECT_EQ(diary.entry("left"), "left") << path;
    diary.turn_page();
  }
}

TEST(AdoptedReaction, ThatThrowsEndsACallOverRestOnce) {
  Diary diary;
  NodeWithParlour node(make_callback_parlour(diary), [&](Node& chained) {
    chained.intercept(std::make_shared<Witness>("inner", diary));
  });
  const std::string read =
      node.ask("POST", "/v1/collect", "Grpc-Metadata-X-Do: throw-in-read\r\n", "{}\n{}\n");
  EXPECT_TRUE(read.starts_with("HTTP/1.1 500")) << read;
  EXPECT_TRUE(has(read, "internal error, incident ")) << read;
  const std::string write = node.get("/v1/countdown/2", "Grpc-Metadata-X-Do: throw-in-write\r\n");
  EXPECT_TRUE(has(write, "internal error, incident ")) << write;
  diary.wait_for("gone", 2);
  const Entries all = diary.wait_for("inner done", 2);
  EXPECT_EQ(std::count(all.begin(), all.end(), "inner done INTERNAL"), 2);
}

TEST(AdoptedChain, SeesTheHttpClientAsPeer) {
  Diary diary;
  NodeWithParlour node(make_sync_parlour(diary), [&](Node& chained) {
    chained.intercept(std::make_shared<PeerWitness>(diary));
  });
  HttpConnection connection(node->http_port());
  connection.send("GET", "/v1/say/ada");
  EXPECT_TRUE(has(connection.read_all(), "hello ada"));
  EXPECT_EQ(diary.wait_for("chain peer"), (Entries{"chain peer " + connection.peer(), "handler"}));
}

// GOAWAY and the drain of the gRPC port must not touch calls of other doors.
TEST(AdoptedRelay, OutlivesTheDrainOfTheGrpcDoor) {
  System system;
  AdoptedWorld world(false);
  LocalDoor local(system, world.table);
  auto call = local.start<ParlourMethods::Say>({}, {.metadata = {{"x-do", "hold"}}});
  world.diary.wait_for("handler");
  std::promise<void> drained;
  world.door->go_away();
  world.door->drain([&] { drained.set_value(); });
  drained.get_future().wait();
  world.diary.note("release");
  EXPECT_EQ(call.status(), Status());
}

// Who comes after the door may take the table away.
TEST(AdoptedRelay, HasEndedEveryCallWhenItsDoorHasGone) {
  constexpr int kCalls = 64;
  System system;
  AdoptedWorld world(true);
  LocalDoor local(system, world.table);
  std::vector<LocalCall<ParlourMethods::Say>> calls;
  for (int i = 0; i < kCalls; ++i)
    calls.push_back(local.start<ParlourMethods::Say>({}, {.metadata = {{"x-do", "wait"}}}));
  world.diary.wait_for("handler", kCalls);
  world.door.reset();
  const Entries all = world.diary.wait_for("", 0);
  EXPECT_EQ(std::count_if(all.begin(), all.end(),
                          [](const std::string& entry) { return entry.starts_with("outer done"); }),
            kCalls);
}

/// More replies than the call holds for a caller that reads none.
Ask too_many() {
  Ask ask;
  ask.set_count(Call::kWindow + 2);
  return ask;
}

TEST(AdoptedRelay, EndsACallWhoseCallerReadsNoRepliesWithItsDoor) {
  System system;
  AdoptedWorld world(false);
  LocalDoor local(system, world.table);
  auto call = local.start<ParlourMethods::Countdown>(too_many(), {.eager = false});
  world.diary.wait_for("handler");
  world.door.reset();
  int next = too_many().count();
  while (const auto reply = call.next_reply()) EXPECT_EQ(reply->index(), next--);
  EXPECT_GE(next, 2);  // nobody had asked for them
  EXPECT_EQ(call.status().code(), Errc::kUnavailable);
}

TEST(AdoptedRelay, EndsCallsWhoseCallersReadNoRepliesAndLeave) {
  constexpr int kCalls = 16;  // when the last has been handled, the first have long come to a halt
  System system;
  AdoptedWorld world(false);
  LocalDoor local(system, world.table);
  std::vector<LocalCall<ParlourMethods::Countdown>> calls;
  for (int i = 0; i < kCalls; ++i)
    calls.push_back(local.start<ParlourMethods::Countdown>(too_many(), {.eager = false}));
  world.diary.wait_for("handler", kCalls);
  for (auto& call : calls) call.cancel();
  world.diary.wait_for("outer done CANCELLED", kCalls);
}

TEST(AdoptedRelay, IsUnavailableWithoutADoor) {
  System system;
  AdoptedWorld world(false);
  world.door.reset();
  LocalDoor local(system, world.table);
  EXPECT_EQ(local.call<ParlourMethods::Say>({}).error().code(), Errc::kUnavailable);
}

// As for native rows: the handler is cancelled, the caller learns the reason.
TEST(AdoptedDeadline, OfTheChainCancelsTheHandler) {
  System system;
  for (const bool callback : {false, true}) {
    AdoptedWorld world(callback, {},
                       {std::make_shared<Deadline>(
                           system, DeadlineOptions{.max_timeout = std::chrono::milliseconds(50)})});
    grpc::ClientContext context;
    context.AddMetadata("x-do", "wait");
    Answer answer;
    EXPECT_EQ(world.stub->Say(&context, {}, &answer).error_code(),
              grpc::StatusCode::DEADLINE_EXCEEDED);
    EXPECT_EQ(world.diary.entry("outer done"), "outer done DEADLINE_EXCEEDED");
  }
}

}  // namespace
}  // namespace brontes::testing
