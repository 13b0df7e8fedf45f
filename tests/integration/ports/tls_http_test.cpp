// HTTP over TLS behaves as in plain text, down to how connections end.
#include <future>

#include "port_world.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;

class HttpsPort : public ::testing::Test {
 protected:
  RawClient connect() { return RawClient(world_.port(), world_.raw({"http/1.1"})); }

  PortWorld world_{{Form::kTls}};
};

TEST_F(HttpsPort, AnswersPipelinedRequestsInOrder) {
  RawClient client = connect();
  std::string all;
  for (int i = 0; i < 50; ++i) all += say_request("Grpc-Metadata-N: " + std::to_string(i) + "\r\n");
  client.write(all);
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(read_reply(client).starts_with("HTTP/1.1 200"));
}

TEST_F(HttpsPort, TakesRequestsByteByByte) {
  RawClient client = connect();
  for (const char byte : say_request()) client.write({&byte, 1});
  EXPECT_TRUE(read_reply(client).starts_with("HTTP/1.1 200"));
}

TEST_F(HttpsPort, CarriesLargeBodiesBothWays) {
  RawClient client = connect();
  const std::string payload(400'000, 'A');
  const std::string body = R"({"payload":")" + payload + R"("})";
  client.write(
      "POST /brontes.testing.Echo/Say HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
      "Content-Length: " +
      std::to_string(body.size()) + "\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.write(body);
  const std::string reply = read_reply(client);
  EXPECT_NE(reply.find("\"" + payload + "\""), std::string::npos) << reply.substr(0, 200);
}

TEST_F(HttpsPort, StreamsAndStays) {
  RawClient client = connect();
  client.write(
      "POST /brontes.testing.Echo/Countdown HTTP/1.1\r\nHost: x\r\nContent-Length: 14\r\n"
      "\r\n{\"count\":1000}");
  const std::string stream = client.read_until("\r\n0\r\n\r\n");
  EXPECT_NE(stream.find("\"index\":1,"), std::string::npos);
  client.write(say_request());
  EXPECT_TRUE(read_reply(client).starts_with("HTTP/1.1 200"));
}

TEST_F(HttpsPort, KeepsWhatComesWhileACallRuns) {
  RawClient client = connect();
  const std::string never = say_request("Grpc-Timeout: 50m\r\n", "never");
  client.write(never);
  ASSERT_TRUE(world_.recorder().wait_begun(1));
  const std::string next = say_request();
  client.write(next.substr(0, 20));
  EXPECT_TRUE(read_reply(client).starts_with("HTTP/1.1 504"));
  client.write(next.substr(20));
  EXPECT_TRUE(read_reply(client).starts_with("HTTP/1.1 200"));
}

TEST_F(HttpsPort, ClientThatLeavesCancelsItsCall) {
  {
    RawClient client = connect();
    client.write(say_request("", "never"));
    ASSERT_TRUE(world_.recorder().wait_begun(1));
  }
  ASSERT_TRUE(world_.recorder().wait_done(1));
  EXPECT_EQ(world_.recorder().ended_with(Errc::kCancelled), 1);
}

TEST_F(HttpsPort, SaysGoodbyeBeforeItCloses) {
  RawClient client = connect();
  client.write(say_request("Connection: close\r\n"));
  EXPECT_TRUE(client.read_all().starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(client.heard_goodbye());
}

// Whoever waits for it, as RFC 8446 6.1 lets a client do, would wait until the socket closes.
TEST_F(HttpsPort, AnswersAGoodbye) {
  RawClient fresh = connect(), idle = connect(), amid_head = connect(), busy = connect();
  idle.write(say_request());
  EXPECT_TRUE(read_reply(idle).starts_with("HTTP/1.1 200"));
  amid_head.write(say_request().substr(0, 20));
  busy.write(say_request("", "never"));
  ASSERT_TRUE(world_.recorder().wait_begun(2));
  for (RawClient* client : {&fresh, &idle, &amid_head, &busy}) {
    client->say_goodbye();
    client->read_all();
    EXPECT_TRUE(client->heard_goodbye()) << (client == &fresh) << (client == &busy);
  }
}

TEST(HttpsPortThatIsImpatient, SaysGoodbyeToWhoIsSilent) {
  PortOptions options{Form::kTls};
  options.http.idle_timeout = 10ms;
  PortWorld world(std::move(options));
  RawClient client(world.port(), world.raw({"http/1.1"}));
  ASSERT_TRUE(client.connected());
  EXPECT_EQ(client.read_all(), "");
  EXPECT_TRUE(client.heard_goodbye());
}

// Where an answer ends with the connection, a goodbye says that it was whole.
TEST_F(HttpsPort, SaysNoGoodbyeBehindHalfAnAnswer) {
  RawClient client = connect();
  client.write(
      "POST /brontes.testing.Echo/Countdown HTTP/1.0\r\nContent-Length: 17\r\n\r\n"
      "{\"count\":1000000}");
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
  world_.http().stop();
  while (!client.read(1 << 20).empty()) continue;
  EXPECT_FALSE(client.heard_goodbye());
}

TEST_F(HttpsPort, AnswersBeforeItClosesThoughMoreIsOnItsWay) {
  RawClient client = connect();
  client.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n");
  client.write(std::string(500'000, 'x'));
  EXPECT_TRUE(client.read_all().starts_with("HTTP/1.1 413"));
  EXPECT_TRUE(client.heard_goodbye());
}

TEST_F(HttpsPort, DrainEndsIdleConnectionsAndWaitsForCalls) {
  RawClient idle = connect(), busy = connect();
  idle.write(say_request());
  EXPECT_TRUE(read_reply(idle).starts_with("HTTP/1.1 200"));
  busy.write(say_request("Grpc-Timeout: 300m\r\n", "never"));
  ASSERT_TRUE(world_.recorder().wait_begun(2));
  std::promise<bool> drained;
  world_.http().drain(TimePoint::max(), [&](bool clean) { drained.set_value(clean); });
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_TRUE(idle.heard_goodbye());
  EXPECT_TRUE(read_reply(busy).starts_with("HTTP/1.1 504"));
  EXPECT_TRUE(drained.get_future().get());
}

TEST_F(HttpsPort, StopEndsWhatIsLeftAndHandshakesToo) {
  RawClient idle = connect(), busy = connect(), shaking(world_.port());
  busy.write(say_request("", "never"));
  ASSERT_TRUE(world_.recorder().wait_begun(1));
  shaking.write(client_hello({"http/1.1"}));
  EXPECT_EQ(shaking.read(1), "\x16");
  world_.http().stop();
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_TRUE(idle.heard_goodbye());
  while (!shaking.closed_by_peer()) {
  }
  busy.read_all();
  EXPECT_EQ(world_.recorder().done(), 1);
}

TEST_F(HttpsPort, TellsClientsOfGrpcThatItIsHttp1) {
  RawClient client = connect();
  client.write(
      "POST /brontes.testing.Echo/Say HTTP/1.1\r\nHost: x\r\nTE: trailers\r\n"
      "Content-Type: application/grpc\r\nContent-Length: 5\r\n\r\n" +
      std::string(5, '\0'));
  const std::string reply = read_reply(client);
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 505")) << reply;
  EXPECT_NE(reply.find("ALPN"), std::string::npos) << reply;
}

}  // namespace
}  // namespace brontes::testing
