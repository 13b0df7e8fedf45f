#include <future>

#include "client_address.hpp"
#include "listener_world.hpp"

namespace brontes::testing {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::string_view kSettings{"\0\0\0\4\0\0\0\0\0", 9};
constexpr std::string_view kAck{"\0\0\0\4\1\0\0\0\0", 9};

grpc::Status say(Echo::Stub& stub, const std::string& name, Answer& answer) {
  Context context;
  return stub.Say(&context, ask_for(name), &answer);
}

TEST(SharedPort, ServesGrpcWithTheRealPeer) {
  ListenerWorld world;
  const auto stub = world.stub();
  Answer answer;
  ASSERT_TRUE(say(*stub, "facts", answer).ok());
  EXPECT_EQ(answer.text(), " ipv4:" + client_address(world.port()));
  EXPECT_EQ(world.listener.counts().grpc, 1u);
}

TEST(SharedPort, ServesHttpWithTheBytesAlreadyRead) {
  ListenerWorld world;
  TcpClient client(world.port());
  client.write("GET /v1/a HTTP/1.1\r\n");
  client.write("Host: x\r\n\r\n");
  const std::string reply = client.read(4096);
  EXPECT_NE(reply.find("GET /v1/a HTTP/1.1"), std::string::npos) << reply;
  EXPECT_EQ(world.listener.counts().http, 1u);
}

TEST(SharedPort, ServesBothAtOnceManyTimes) {
  ListenerWorld world;
  for (int i = 0; i < 20; ++i) {
    const auto stub = world.stub();
    Answer answer;
    EXPECT_TRUE(say(*stub, "a", answer).ok());
    TcpClient client(world.port());
    client.write("GET / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(client.read(12), "HTTP/1.1 200");
  }
  EXPECT_EQ(world.listener.counts().grpc, 20u);
  EXPECT_EQ(world.listener.counts().http, 20u);
}

TEST(SharedPort, SilentHttp2ClientGetsSettingsAndThenGrpc) {
  ListenerWorld world(
      [](ListenerOptions& options) { options.http2_patience = std::chrono::milliseconds(10); });
  TcpClient client(world.port());
  for (const char byte : kPreface) client.write({&byte, 1});
  client.write(kSettings);
  EXPECT_EQ(client.read(kSettings.size()), kSettings);
  client.write(kAck);
  EXPECT_TRUE(eventually(world.listener, [](auto& counts) { return counts.grpc == 1; }));
  EXPECT_EQ(client.read(9)[3], 4) << "gRPC's own SETTINGS come next";
}

// What a taker is handed, in place of gRPC.
std::string handed_after(const std::string& after_settings, Duration http2_patience) {
  std::promise<std::string> handed;
  ListenerWorld world([&](ListenerOptions& options) {
    options.http2_patience = http2_patience;
    options.grpc = [&](int fd, std::string early) {
      ::close(fd);
      handed.set_value(std::move(early));
      return true;
    };
  });
  TcpClient client(world.port());
  client.write(kPreface);
  client.write(kSettings);
  client.read(kSettings.size());
  client.write(after_settings);
  return handed.get_future().get();
}

TEST(SharedPort, HandsOverTheBytesWithoutTheAnswerToItsOwnSettings) {
  const std::string opening = std::string(kPreface) + std::string(kSettings);
  const std::string request =
      std::string("\0\0\x13\1\4\0\0\0\1\x0f\x10\x10", 12) + "application/grpc";
  EXPECT_EQ(handed_after(std::string(kAck) + request, kHangGuard), opening + request);
  EXPECT_EQ(handed_after(request + std::string(kAck), kHangGuard), opening + request);
  EXPECT_EQ(handed_after("", std::chrono::milliseconds(10)), opening);
}

TEST(SharedPort, SlowFirstBytesAreCutOff) {
  ListenerWorld world(
      [](ListenerOptions& options) { options.patience = std::chrono::milliseconds(10); });
  TcpClient silent(world.port()), slow(world.port());
  slow.write("PRI * HT");
  EXPECT_TRUE(silent.closed_by_peer());
  EXPECT_TRUE(slow.closed_by_peer());
  EXPECT_TRUE(eventually(world.listener, [](auto& counts) { return counts.timed_out == 2; }));
  EXPECT_EQ(world.listener.counts().open, 0u);
}

TEST(SharedPort, TlsIsToldThatThereIsNone) {
  ListenerWorld world;
  TcpClient client(world.port());
  client.write("\x16\x03\x01");
  EXPECT_EQ(client.read(100), std::string("\x15\x03\x01\0\2\2\x28", 7)) << "an alert, the end";
  EXPECT_EQ(world.listener.counts().unwanted, 1u);
}

TEST(SharedPort, ClientThatLeavesEarlyIsForgotten) {
  ListenerWorld world;
  {
    TcpClient client(world.port());
    client.write("PRI");
    EXPECT_TRUE(eventually(world.listener, [](auto& counts) { return counts.open == 1; }));
  }
  EXPECT_TRUE(eventually(world.listener, [](auto& counts) { return counts.open == 0; }));
}

TEST(SharedPort, ConnectionsBeyondTheLimitAreClosedUntilOneGoes) {
  ListenerWorld world([](ListenerOptions& options) { options.max_connections = 2; });
  auto first = world.stub();
  Answer answer;
  ASSERT_TRUE(say(*first, "a", answer).ok());
  TcpClient second(world.port());
  EXPECT_TRUE(eventually(world.listener, [](auto& counts) { return counts.open == 2; }));
  EXPECT_TRUE(TcpClient(world.port()).closed_by_peer());
  EXPECT_EQ(world.listener.counts().refused, 1u);

  first.reset();
  EXPECT_TRUE(eventually(world.listener, [](auto& counts) { return counts.open == 1; }));
  TcpClient third(world.port());
  third.write("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(third.read(12), "HTTP/1.1 200");
}

TEST(SharedPort, WhatTheGrpcDoorRefusesIsClosed) {
  ListenerWorld world(
      [](ListenerOptions& options) { options.http2_patience = std::chrono::milliseconds(10); });
  world.grpc.door->drain();
  TcpClient client(world.port());
  client.write(kPreface);
  client.write(kSettings);
  client.read(kSettings.size());
  client.write(kAck);
  EXPECT_TRUE(client.closed_by_peer());
}

TEST(SharedPort, StopsListeningButKeepsWhatItHandedOver) {
  ListenerWorld world;
  const auto stub = world.stub();
  Answer answer;
  ASSERT_TRUE(say(*stub, "a", answer).ok());
  TcpClient undecided(world.port());
  EXPECT_TRUE(eventually(world.listener, [](auto& counts) { return counts.open == 2; }));

  EXPECT_TRUE(world.stop_listening());
  EXPECT_TRUE(undecided.closed_by_peer());
  EXPECT_FALSE(TcpClient(world.port()).connected());
  EXPECT_TRUE(say(*stub, "b", answer).ok());
  EXPECT_TRUE(world.stop_listening()) << "asking again is answered too";
}

TEST(SharedPort, CountsAreAnsweredByTheActorToo) {
  ListenerWorld world;
  TcpClient client(world.port());
  EXPECT_TRUE(eventually(world.listener, [](auto& counts) { return counts.open == 1; }));
  const auto counts = world.ask_listener<ConnectionCounts>(CountConnections{});
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->accepted, 1u);
}

TEST(SharedPort, DrainedDoorsKeepTheirCallsAndEnd) {
  ListenerWorld world;
  const auto stub = world.stub();
  Context context;
  const auto chat = stub->Chat(&context);
  Answer answer;
  ASSERT_TRUE(chat->Write(ask_for("a")));
  ASSERT_TRUE(chat->Read(&answer));
  EXPECT_TRUE(world.stop_listening());
  world.grpc.door->drain();
  ASSERT_TRUE(chat->Write(ask_for("b")));
  ASSERT_TRUE(chat->Read(&answer));
  chat->WritesDone();
  EXPECT_TRUE(chat->Finish().ok());
  world.grpc.door->wait();
}

TEST(HttpPort, HandsOverWithoutLooking) {
  ListenerWorld world([](ListenerOptions& options) { options.grpc = nullptr; });
  TcpClient client(world.port());
  EXPECT_TRUE(eventually(world.listener, [](auto& counts) { return counts.http == 1; }));
  client.write("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.read(12), "HTTP/1.1 200");
}

TEST(ListenerPort, InUseIsSaidInOneLine) {
  ListenerWorld first;
  ListenerOptions options;
  options.address = first.target();
  const auto second = listen(first.system, std::move(options));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().to_string(),
            "UNAVAILABLE: listen " + first.target() + ": address already in use");
}

}  // namespace
}  // namespace brontes::testing
