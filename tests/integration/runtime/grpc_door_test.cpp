#include <grpcpp/generic/generic_stub.h>
#include <future>

#include "client_address.hpp"
#include "grpc_world.hpp"

namespace brontes::testing {
namespace {

enum class Served { kByFunctions, kByActorInPlace, kByActorOnPool };

class GrpcCalls : public ::testing::TestWithParam<Served> {
 protected:
  void fill(MethodTable& table) {
    if (GetParam() == Served::kByFunctions) return add_echo_functions(table);
    HostOptions options;
    options.in_place = GetParam() == Served::kByActorInPlace;
    auto opened = host<EchoActor, EchoMethods>(system_, table, options);
    ASSERT_TRUE(opened);
    host_ = std::move(*opened);
  }

  System system_;
  std::unique_ptr<ServiceHost> host_;  // of the actors; ends after the door
  GrpcWorld world_{on_any_port(), [this](MethodTable& table) { fill(table); }};
};

std::string name_of(const ::testing::TestParamInfo<Served>& served) {
  switch (served.param) {
    case Served::kByFunctions:
      return "ByFunctions";
    case Served::kByActorInPlace:
      return "ByActorInPlace";
    case Served::kByActorOnPool:
      return "ByActorOnPool";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(Served, GrpcCalls,
                         ::testing::Values(Served::kByFunctions, Served::kByActorInPlace,
                                           Served::kByActorOnPool),
                         name_of);

TEST_P(GrpcCalls, UnaryIsAnswered) {
  Context context;
  Answer answer;
  EXPECT_TRUE(world_.stub->Say(&context, ask_for("ada"), &answer).ok());
  EXPECT_EQ(answer.text(), "hello ada");
  EXPECT_EQ(world_.recorder->last_name(), "ada");
}

TEST_P(GrpcCalls, ServerStreamComesInOrderAndWhole) {
  Context context;
  const auto reader = world_.stub->Countdown(&context, ask_for("", 1000));
  Answer answer;
  int expected = 1000;
  while (reader->Read(&answer)) EXPECT_EQ(answer.index(), expected--);
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(expected, 0);
}

TEST_P(GrpcCalls, ClientStreamIsReadToItsEnd) {
  Context context;
  Answer answer;
  const auto writer = world_.stub->Collect(&context, &answer);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(writer->Write(Ask()));
  writer->WritesDone();
  EXPECT_TRUE(writer->Finish().ok());
  EXPECT_EQ(answer.index(), 100);
}

TEST_P(GrpcCalls, BidiAnswersEachRequest) {
  Context context;
  const auto chat = world_.stub->Chat(&context);
  Answer answer;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(chat->Write(ask_for(std::to_string(i))));
    ASSERT_TRUE(chat->Read(&answer));
    EXPECT_EQ(answer.text(), std::to_string(i));
  }
  chat->WritesDone();
  EXPECT_FALSE(chat->Read(&answer));
  EXPECT_TRUE(chat->Finish().ok());
}

TEST_P(GrpcCalls, MethodsWithoutAHandlerAreUnimplemented) {
  Context context;
  Answer answer;
  EXPECT_EQ(world_.stub->Missing(&context, Ask(), &answer).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST_P(GrpcCalls, RefusalBeforeParsingCarriesDetailsAndTrailers) {
  Context context;
  context.AddMetadata("authorization", "bad");
  Answer answer;
  const auto status = world_.stub->Say(&context, ask_for("ada"), &answer);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(status.error_message(), "no");
  EXPECT_EQ(status.error_details(), "DETAILS");
  EXPECT_EQ(context.GetServerTrailingMetadata().count("x-why"), 1u);
  EXPECT_EQ(world_.recorder->last_name(), "");
}

TEST_P(GrpcCalls, MalformedRequestIsSeenByTheChain) {
  grpc::GenericStub raw(world_.channel);
  Context context;
  grpc::Slice junk("\xff\xff\xff");
  grpc::ByteBuffer in(&junk, 1), out;
  std::promise<grpc::Status> end;
  raw.UnaryCall(&context, EchoMethods::Say::path, {}, &in, &out,
                [&](grpc::Status status) { end.set_value(std::move(status)); });
  EXPECT_EQ(end.get_future().get().error_code(), grpc::StatusCode::INTERNAL);
  ASSERT_TRUE(world_.recorder->wait_done(1));
  EXPECT_EQ(world_.recorder->ended_with(Errc::kInternal), 1);
}

TEST_P(GrpcCalls, MalformedStreamedRequestEndsTheStream) {
  grpc::GenericStub raw(world_.channel);
  Context context;
  grpc::CompletionQueue queue;
  void* tag = nullptr;
  bool ok = false;
  const auto stream = raw.PrepareCall(&context, EchoMethods::Collect::path, &queue);
  stream->StartCall(nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok));
  grpc::Slice junk("\xff\xff\xff");
  stream->Write(grpc::ByteBuffer(&junk, 1), nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok));
  grpc::Status status;
  stream->Finish(&status, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
}

TEST_P(GrpcCalls, ExceptionsAnswerInternalAndKeepTheirTextInTheLog) {
  Context context;
  Answer answer;
  const auto status = world_.stub->Say(&context, ask_for("throw"), &answer);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_NE(status.error_message().find("incident"), std::string::npos);
  EXPECT_EQ(status.error_message().find("secret"), std::string::npos);
}

TEST_P(GrpcCalls, MetadataGoesBothWaysAndThePeerIsTheRealOne) {
  Context context;
  context.AddMetadata("x-colour", "red");
  context.AddMetadata("x-colour", "blue");
  Answer answer;
  ASSERT_TRUE(world_.stub->Say(&context, ask_for("facts"), &answer).ok());
  EXPECT_EQ(answer.text(), "red ipv4:" + client_address(world_.door->port()) + " red blue");
  EXPECT_EQ(context.GetServerInitialMetadata().count("x-head"), 1u);
  EXPECT_EQ(context.GetServerTrailingMetadata().count("x-tail"), 1u);
}

TEST_P(GrpcCalls, AllMetadataIsThereWithRepeatedKeysInOrder) {
  Context context;
  context.AddMetadata("x-colour", "red");
  context.AddMetadata("x-bytes-bin", std::string("\0\xff", 2));
  context.AddMetadata("x-colour", "blue");
  Answer answer;
  ASSERT_TRUE(world_.stub->Say(&context, ask_for("ada"), &answer).ok());
  Recorder::Metadata ours;
  for (const auto& row : world_.recorder->last_metadata())
    if (row.first.starts_with("x-")) ours.push_back(row);
  EXPECT_EQ(ours, (Recorder::Metadata{{"x-bytes-bin", std::string("\0\xff", 2)},
                                      {"x-colour", "red"},
                                      {"x-colour", "blue"}}));
}

TEST_P(GrpcCalls, DeadlineEndsACallThatNobodyAnswers) {
  grpc::ClientContext context;
  context.set_deadline(system_clock().wall() + std::chrono::milliseconds(100));
  Answer answer;
  EXPECT_EQ(world_.stub->Say(&context, ask_for("never"), &answer).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_P(GrpcCalls, CancelReachesTheHandler) {
  Context context;
  Answer answer;
  const Ask ask = ask_for("never");
  std::promise<grpc::Status> end;
  world_.stub->async()->Say(&context, &ask, &answer,
                            [&](grpc::Status status) { end.set_value(std::move(status)); });
  ASSERT_TRUE(world_.recorder->wait_begun(1));
  EXPECT_EQ(world_.door->calls_in_flight(), 1u);
  const std::string caller = client_address(world_.door->port());
  context.TryCancel();
  EXPECT_EQ(end.get_future().get().error_code(), grpc::StatusCode::CANCELLED);
  ASSERT_TRUE(world_.recorder->wait_done(1));
  EXPECT_EQ(world_.recorder->ended_with(Errc::kCancelled), 1);
  EXPECT_EQ(world_.recorder->undelivered(), 1);
  EXPECT_EQ(world_.recorder->peer_at_end(), "ipv4:" + caller);
}

TEST_P(GrpcCalls, WhatBeginsAlsoEnds) {
  struct One {
    Context context;
    Ask ask;
    Answer answer;
  };
  constexpr int kCalls = 800;
  std::vector<std::unique_ptr<One>> calls;
  std::atomic<int> left{kCalls};
  std::promise<void> all;
  for (int i = 0; i < kCalls; ++i) {
    One& one = *calls.emplace_back(std::make_unique<One>());
    one.ask.set_name(i % 2 == 0 ? "x" : "never");
    world_.stub->async()->Say(&one.context, &one.ask, &one.answer, [&](const grpc::Status&) {
      if (--left == 0) all.set_value();
    });
  }
  for (int i = 1; i < kCalls; i += 2) calls[static_cast<std::size_t>(i)]->context.TryCancel();
  ASSERT_EQ(all.get_future().wait_for(kHangGuard), std::future_status::ready);
  world_.door->drain();
  world_.door->wait();
  EXPECT_EQ(world_.recorder->begun(), world_.recorder->done());
  EXPECT_EQ(world_.recorder->ended_with(Errc::kOk), kCalls / 2);
  EXPECT_EQ(world_.door->calls_in_flight(), 0u);
}

TEST_P(GrpcCalls, CancelledStreamsEndToo) {
  for (int streams = 0; streams < 40; ++streams) {
    Context context;
    const auto reader = world_.stub->Countdown(&context, ask_for("", 1'000'000));
    Answer answer;
    for (int i = 0; i < streams; ++i) reader->Read(&answer);
    context.TryCancel();
    while (reader->Read(&answer)) {
    }
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  world_.door->drain();
  world_.door->wait();
  EXPECT_EQ(world_.recorder->begun(), world_.recorder->done());
}

TEST_P(GrpcCalls, ABrokenRequestStreamIsNoHalfClose) {
  for (int streams = 0; streams < 50; ++streams) {
    Context context;
    Answer answer;
    const auto writer = world_.stub->Collect(&context, &answer);
    for (int i = 0; i < streams % 3; ++i) writer->Write(ask_for("x"));
    EXPECT_TRUE(world_.recorder->wait_begun(streams + 1));
    context.TryCancel();
    EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  ASSERT_TRUE(world_.recorder->wait_done(50));
  EXPECT_EQ(world_.recorder->ended_with(Errc::kOk), 0) << "the handler took the part for the whole";
}

TEST(GrpcLimits, ALargerMessageInAStreamIsNoHalfClose) {
  auto options = on_any_port();
  options.max_request_bytes = 1000;
  GrpcWorld world(options);
  Ask large;
  large.set_payload(std::string(2000, 'x'));
  for (int streams = 0; streams < 50; ++streams) {
    Context context;
    Answer answer;
    const auto writer = world.stub->Collect(&context, &answer);
    writer->Write(ask_for("x"));
    writer->Write(large);
    writer->WritesDone();
    EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  }
  ASSERT_TRUE(world.recorder->wait_done(50));
  EXPECT_EQ(world.recorder->ended_with(Errc::kOk), 0) << "the handler took the part for the whole";
}

TEST(GrpcLimits, LargerMessagesAreRefused) {
  auto options = on_any_port();
  options.max_request_bytes = 1000;
  options.max_reply_bytes = 1000;
  GrpcWorld world(options);
  Answer answer;
  Ask large;
  large.set_payload(std::string(2000, 'x'));
  Context to_receive, to_send;
  EXPECT_EQ(world.stub->Say(&to_receive, large, &answer).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(world.stub->Say(&to_send, ask_for("", 2000), &answer).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST(GrpcHook, SeesTheBuilderBeforeTheStart) {
  auto options = on_any_port();
  bool seen = false;
  options.customise = [&](grpc::ServerBuilder& builder) {
    builder.SetMaxReceiveMessageSize(100);
    seen = true;
  };
  GrpcWorld world(options);
  EXPECT_TRUE(seen);
  Ask large;
  large.set_payload(std::string(2000, 'x'));
  Context context;
  Answer answer;
  EXPECT_EQ(world.stub->Say(&context, large, &answer).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

}  // namespace
}  // namespace brontes::testing
