// Stock stubs of every kind over the balanced channel.
#include <future>
#include <map>

#include "channel_fixture.hpp"

namespace brontes::testing {
namespace {

struct BalancedChannel : ChannelTest {
  Channel channel = open(both(), 2);
  std::unique_ptr<Echo::Stub> stub = Echo::NewStub(channel.stub_channel());
  Ask ask;
  Answer answer;

  int served() const { return a->service.calls + b->service.calls; }
};

TEST_F(BalancedChannel, SpreadsCallsEvenly) {
  std::map<std::string, int> share;
  for (int i = 0; i < 100; ++i) {
    grpc::ClientContext context;
    const auto status = stub->Say(&context, ask, &answer);
    ASSERT_TRUE(status.ok()) << status.error_message();
    ++share[answer.text()];
  }
  EXPECT_EQ(share["A"], 50);
  EXPECT_EQ(share["B"], 50);
}

TEST_F(BalancedChannel, CarriesEveryKindOfCall) {
  ask.set_count(10);
  grpc::ClientContext down_context, up_context, chat_context;
  auto down = stub->Countdown(&down_context, ask);
  int count = 0;
  while (down->Read(&answer)) ++count;
  EXPECT_TRUE(down->Finish().ok());
  EXPECT_EQ(count, 10);

  auto up = stub->Collect(&up_context, &answer);
  for (int i = 0; i < 7; ++i) up->Write(ask);
  up->WritesDone();
  EXPECT_TRUE(up->Finish().ok());
  EXPECT_EQ(answer.index(), 7);

  auto chat = stub->Chat(&chat_context);
  for (int i = 0; i < 5; ++i) {
    ask.set_name(std::to_string(i));
    chat->Write(ask);
    ASSERT_TRUE(chat->Read(&answer));
    EXPECT_EQ(answer.text(), ask.name());
  }
  chat->WritesDone();
  EXPECT_TRUE(chat->Finish().ok());
  EXPECT_EQ(served(), 3);
}

TEST_F(BalancedChannel, CarriesCallbackUnaryCalls) {
  struct One {
    grpc::ClientContext context;
    Answer answer;
    std::promise<grpc::Status> done;
  };
  std::vector<One> calls(200);
  for (auto& one : calls)
    stub->async()->Say(&one.context, &ask, &one.answer,
                       [&one](grpc::Status status) { one.done.set_value(std::move(status)); });
  for (auto& one : calls) EXPECT_TRUE(one.done.get_future().get().ok());
  EXPECT_EQ(a->service.calls, 100);
  EXPECT_EQ(b->service.calls, 100);
}

struct DownReactor final : grpc::ClientReadReactor<Answer> {
  void start(Echo::Stub& stub) {
    stub.async()->Countdown(&context, &ask, this);
    StartRead(&answer);
    StartCall();
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    ++count;
    StartRead(&answer);
  }
  void OnDone(const grpc::Status& status) override { done.set_value(status); }
  grpc::ClientContext context;
  Ask ask;
  Answer answer;
  int count = 0;
  std::promise<grpc::Status> done;
};

struct UpReactor final : grpc::ClientWriteReactor<Ask> {
  void start(Echo::Stub& stub) {
    stub.async()->Collect(&context, &answer, this);
    StartWrite(&ask);
    StartCall();
  }
  void OnWriteDone(bool ok) override {
    if (ok && ++count < 6)
      StartWrite(&ask);
    else
      StartWritesDone();
  }
  void OnDone(const grpc::Status& status) override { done.set_value(status); }
  grpc::ClientContext context;
  Ask ask;
  Answer answer;
  int count = 0;
  std::promise<grpc::Status> done;
};

struct ChatReactor final : grpc::ClientBidiReactor<Ask, Answer> {
  void start(Echo::Stub& stub) {
    stub.async()->Chat(&context, this);
    StartRead(&answer);
    StartWrite(&ask);
    StartCall();
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    StartRead(&answer);
    half_done();
  }
  void OnWriteDone(bool ok) override {
    if (ok) half_done();
  }
  // The answer may be there before gRPC says that the ask has left: one write at a time.
  void half_done() {
    if (halves.fetch_add(1) % 2 == 0) return;
    if (++count == 5)
      StartWritesDone();
    else
      StartWrite(&ask);
  }
  void OnDone(const grpc::Status& status) override { done.set_value(status); }
  grpc::ClientContext context;
  Ask ask;
  Answer answer;
  int count = 0;
  std::atomic<int> halves{0};
  std::promise<grpc::Status> done;
};

TEST_F(BalancedChannel, CarriesCallbackStreams) {
  DownReactor down;
  down.ask.set_count(9);
  down.start(*stub);
  EXPECT_TRUE(down.done.get_future().get().ok());
  EXPECT_EQ(down.count, 9);
  UpReactor up;
  up.start(*stub);
  EXPECT_TRUE(up.done.get_future().get().ok());
  EXPECT_EQ(up.answer.index(), 6);
  ChatReactor chat;
  chat.start(*stub);
  EXPECT_TRUE(chat.done.get_future().get().ok());
  EXPECT_EQ(chat.count, 5);
}

// A user's own completion queue, one operation at a time.
struct Queue {
  ~Queue() {
    queue.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue.Next(&tag, &ok)) continue;
  }
  bool next() {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  }
  grpc::CompletionQueue queue;
};

TEST_F(BalancedChannel, CarriesCallsOnACompletionQueue) {
  Queue queue;
  grpc::Status status;
  grpc::ClientContext unary_context, up_context, chat_context;
  auto unary = stub->AsyncSay(&unary_context, ask, &queue.queue);
  unary->Finish(&answer, &status, nullptr);
  ASSERT_TRUE(queue.next());
  EXPECT_TRUE(status.ok());

  auto up = stub->AsyncCollect(&up_context, &answer, &queue.queue, nullptr);
  ASSERT_TRUE(queue.next());
  up->Write(ask, nullptr);
  ASSERT_TRUE(queue.next());
  up->WritesDone(nullptr);
  ASSERT_TRUE(queue.next());
  up->Finish(&status, nullptr);
  ASSERT_TRUE(queue.next());
  EXPECT_EQ(answer.index(), 1);

  auto chat = stub->AsyncChat(&chat_context, &queue.queue, nullptr);
  ASSERT_TRUE(queue.next());
  chat->Write(ask, nullptr);
  ASSERT_TRUE(queue.next());
  chat->Read(&answer, nullptr);
  ASSERT_TRUE(queue.next());
  chat->WritesDone(nullptr);
  ASSERT_TRUE(queue.next());
  chat->Finish(&status, nullptr);
  ASSERT_TRUE(queue.next());
  EXPECT_TRUE(status.ok());
}

TEST_F(BalancedChannel, CarriesServerStreamsOnACompletionQueue) {
  Queue queue;
  grpc::Status status;
  grpc::ClientContext context;
  ask.set_count(3);
  auto down = stub->PrepareAsyncCountdown(&context, ask, &queue.queue);
  down->StartCall(nullptr);
  ASSERT_TRUE(queue.next());
  int count = 0;
  for (down->Read(&answer, nullptr); queue.next(); down->Read(&answer, nullptr)) ++count;
  EXPECT_EQ(count, 3);
  down->Finish(&status, nullptr);
  ASSERT_TRUE(queue.next());
  EXPECT_TRUE(status.ok());
}

TEST_F(BalancedChannel, LeavesDeadlineAndCancelToTheCaller) {
  Gate gate;
  a->service.on_say = b->service.on_say = [&](auto&, auto&, auto&) {
    gate.pass();
    return grpc::Status::OK;
  };
  grpc::ClientContext unwanted;
  auto call = std::async(std::launch::async, [&] { return stub->Say(&unwanted, ask, &answer); });
  gate.await(1);
  unwanted.TryCancel();
  EXPECT_EQ(call.get().error_code(), grpc::CANCELLED);

  grpc::ClientContext late;
  late.set_deadline(gpr_time_from_millis(20, GPR_TIMESPAN));
  EXPECT_EQ(stub->Say(&late, ask, &answer).error_code(), grpc::DEADLINE_EXCEEDED);
  gate.open();
}

TEST_F(BalancedChannel, DoesNotDisturbAPlainChannelNextToIt) {
  auto plain = Echo::NewStub(grpc::CreateChannel(a->address(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  EXPECT_TRUE(plain->Say(&context, ask, &answer).ok());
}

TEST_F(BalancedChannel, MayGoWhileItsCallsRun) {
  ChatReactor chat;
  chat.start(*stub);
  channel = open("static://" + a->address(), 1);
  stub.reset();
  EXPECT_TRUE(chat.done.get_future().get().ok());
  EXPECT_EQ(chat.count, 5);
}

}  // namespace
}  // namespace brontes::testing
