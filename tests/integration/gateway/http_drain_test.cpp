// What a drain makes of requests that have not come in whole.
#include <future>

#include "http_client.hpp"

namespace brontes {
namespace {

using namespace std::chrono_literals;

const std::string kHead = "POST /v1/small HTTP/1.1\r\nHost: t\r\nContent-Length: 19\r\n\r\n";
const std::string kBody = R"({"userName":"ann" })";

struct HttpDrain : DoorTest {
  /// Nothing but a drain ends a connection.
  std::uint16_t start_patiently() {
    HttpDoorOptions options;
    options.header_timeout = options.body_timeout = options.idle_timeout = 1h;
    return start(options);
  }
  /// What others have sent before has been heard: the door has one thread.
  void settle(std::uint16_t port) {
    EXPECT_TRUE(Client(port).ask(get("/v1/nothing", "Connection: close\r\n")).ends_with("{}"));
  }
  void drain() {
    door->drain(TimePoint::max(), [this](bool ok) { drained_.set_value(ok); });
  }
  bool ends_cleanly() {
    auto clean = drained_.get_future();
    return clean.wait_for(20s) == std::future_status::ready && clean.get();
  }

 private:
  std::promise<bool> drained_;
};

TEST_F(HttpDrain, IsNotHeldByHalfAHead) {
  const auto port = start_patiently();
  Client client(port);
  client.send("GET /v1/nothing HTTP/1.1\r\nHo");
  settle(port);
  drain();
  EXPECT_TRUE(ends_cleanly());
  EXPECT_EQ(client.read_all(), "");
}

TEST_F(HttpDrain, ServesAHeadWhoseRestIsOnItsWay) {
  const auto port = start_patiently();
  Client client(port);
  client.send("GET /v1/nothing HTTP/1.1\r\nHo");
  settle(port);
  drain();
  client.send("st: t\r\n\r\n");
  EXPECT_TRUE(client.read_all().ends_with("{}"));
  EXPECT_TRUE(ends_cleanly());
}

TEST_F(HttpDrain, WaitsForABodyAndServesIt) {
  const auto port = start_patiently();
  Client slow(port), silent(port);
  slow.send(kHead + kBody.substr(0, 5));
  settle(port);
  drain();
  EXPECT_EQ(silent.read_all(), "");  // the moment that those have who have sent nothing is over
  slow.send(kBody.substr(5));
  const std::string reply = slow.read_all();
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\n")) << reply;
  EXPECT_NE(reply.find("\r\nConnection: close\r\n"), std::string::npos) << reply;
  EXPECT_TRUE(ends_cleanly());
}

TEST_F(HttpDrain, ThatIsOverAnswersHalfABody503) {
  const auto port = start_patiently();
  Client client(port);
  client.send(kHead + kBody.substr(0, 5));
  settle(port);
  drain();
  door->stop();
  const std::string reply = client.read_all();
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 503 ")) << reply;
  EXPECT_NE(reply.find("\r\nConnection: close\r\n"), std::string::npos) << reply;
  EXPECT_TRUE(reply.ends_with(R"({"code":14,"message":"the server stops","details":[]})")) << reply;
}

TEST_F(HttpDrain, CountsAsCallsWhatHasComeInWhole) {
  const auto port = start_patiently();
  Client in_head(port), in_body(port), busy(port);
  in_head.send("GET /v1/noth");
  in_body.send(kHead + kBody.substr(0, 5));
  busy.send(get("/v1/stream/1000000?delay_ms=5&key=k"));
  busy.read_until("item-1");
  settle(port);
  while (door->calls() > 1) ASSERT_FALSE(HasFailure());  // settle's own, until it is written
  EXPECT_EQ(door->calls(), 1u);
  in_body.send(kBody.substr(5));
  EXPECT_TRUE(in_body.reply().starts_with("HTTP/1.1 200 OK\r\n"));
  door->stop();
  EXPECT_EQ(door->calls(), 0u);
}

}  // namespace
}  // namespace brontes
