// Limits and time-outs.
#include <brontes/actors/clock.hpp>
#include <thread>

#include "http_client.hpp"

namespace brontes {
namespace {

using namespace std::chrono_literals;

std::string post(std::size_t length, std::string_view body) {
  return "POST /v1/small HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(length) +
         "\r\n\r\n" + std::string(body);
}

TEST_F(DoorTest, LargeHeadersAre431) {
  HttpDoorOptions options;
  options.max_header_bytes = 1024;
  Client client(start(options));
  client.send(get("/v1/nothing", "X-Large: " + std::string(100'000, 'a') + "\r\n"));
  EXPECT_TRUE(client.read_all().starts_with("HTTP/1.1 431 "));
}

// A GET of that many bytes, padded in the request line or in a header.
std::string padded(std::size_t size, std::size_t in_target) {
  std::string target = "/v1/nothing?x=" + std::string(in_target, 'x');
  const std::size_t bare = get(target, "X: \r\n").size();
  return get(target, "X: " + std::string(size - bare, 'x') + "\r\n");
}

TEST_F(DoorTest, RequestLineAndHeadersTogetherMayBeAsLargeAsTheLimit) {
  constexpr std::size_t kLimit = 1024;
  HttpDoorOptions options;
  options.max_header_bytes = kLimit;
  const auto port = start(options);
  for (const std::size_t in_target : {0, 500, 900}) {
    ASSERT_EQ(padded(kLimit, in_target).size(), kLimit);
    EXPECT_TRUE(Client(port).ask(padded(kLimit, in_target)).starts_with("HTTP/1.1 200 "));
    EXPECT_TRUE(Client(port).ask(padded(kLimit + 1, in_target)).starts_with("HTTP/1.1 431 "));
  }
}

TEST_F(DoorTest, AHeadWithoutEndIs431AsSoonAsItIsLargerThanTheLimit) {
  constexpr std::size_t kLimit = 1024;
  HttpDoorOptions options;
  options.max_header_bytes = kLimit;
  const auto port = start(options);
  for (const std::string begin : {"GET /", "GET / HTTP/1.1\r\n"}) {
    Client client(port);
    client.send(begin + std::string(kLimit + 1, 'x'));
    EXPECT_TRUE(client.reply().starts_with("HTTP/1.1 431 ")) << begin;
  }
}

TEST_F(DoorTest, TheHeadOfAChunkAndTrailersMayBeAsLargeAsTheLimit) {
  constexpr std::size_t kLimit = 1024;
  HttpDoorOptions options;
  options.max_header_bytes = kLimit;
  const auto port = start(options);
  const std::string head =
      "POST /v1/nothing HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";
  struct Part {
    std::string begin, end;
  };
  for (const auto& [begin, end] :
       {Part{"0\r\nX: ", "\r\n\r\n"}, Part{"2;x=", "\r\n{}\r\n0\r\n\r\n"}}) {
    const auto part = [&](std::size_t size) {
      return begin + std::string(size - begin.size(), 'x');
    };
    Client good(port), bad(port);
    good.send(head + part(kLimit));
    EXPECT_TRUE(good.ask(end).starts_with("HTTP/1.1 200 ")) << begin;
    bad.send(head + part(kLimit + 1));
    EXPECT_TRUE(bad.reply().starts_with("HTTP/1.1 431 ")) << begin;
  }
}

TEST_F(DoorTest, LargeBodiesAre413BeforeTheyAreRead) {
  HttpDoorOptions options;
  options.max_body_bytes = 1024;
  Client client(start(options));
  client.send(post(1025, ""));
  const std::string reply = client.reply();
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 413 "));
  EXPECT_NE(reply.find("\"code\":8"), std::string::npos);
}

TEST_F(DoorTest, LargeChunkedBodiesAre413) {
  HttpDoorOptions options;
  options.max_body_bytes = 16;
  Client client(start(options));
  client.send("POST /v1/small HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n" +
              std::string(32, ' ') + "\r\n0\r\n\r\n");
  EXPECT_TRUE(client.read_all().starts_with("HTTP/1.1 413 "));
}

TEST_F(DoorTest, AnEmptyChunkedBodyMayComeByteByByte) {
  Client client(start());
  const std::string request =
      "POST /v1/nothing HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (const char c : request) client.send({&c, 1});
  EXPECT_TRUE(client.reply().starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(DoorTest, TrailersAreNoHeaders) {
  Client client(start());
  const std::string reply = client.ask(
      "POST /v1/echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\nAccept: a\r\n\r\n"
      "2\r\n{}\r\n0\r\nAuthorization: forged\r\nAccept: b\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(reply.find("forged"), std::string::npos) << reply;
  EXPECT_NE(reply.find(R"("grpcgateway-accept":{"values":["a"]})"), std::string::npos) << reply;
  EXPECT_TRUE(client.ask(get("/v1/nothing")).starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(DoorTest, MalformedRequestsAre400AndClose) {
  const auto port = start();
  for (const char* request :
       {"nonsense\r\n\r\n", "GET /v1/nothing HTTP/1.1\r\n\r\n",
        "POST /v1/small HTTP/1.1\r\nHost: t\r\nContent-Length: 2, 2\r\n\r\n{}",
        "POST /v1/small HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        "POST /v1/small HTTP/1.1\r\nHost: t\r\nContent-Length: 12\r\n"
        "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "POST /v1/small HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n"
        "Content-Length: 12\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "POST /v1/small HTTP/1.1\r\nHost: t\r\nContent-Length: 12\r\n"
        "Transfer-Encoding: gzip\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "POST /v1/small HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "POST /v1/small HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n"
        "Transfer-Encoding: identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "GET /v1/nothing HTTP/1.2\r\nHost: t\r\n\r\n",
        "GET /v1/nothing HTTP/2.0\r\nHost: t\r\n\r\n",
        "GET /v1/nothing HTTP/1.1\r\nHost: t\r\nHost: t\r\n\r\n",
        "GET /v1/nothing HTTP/1.1\r\nHost : t\r\n\r\n"}) {
    Client client(port);
    client.send(request);
    const std::string reply = client.read_all();
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 400 ")) << request << reply;
    EXPECT_NE(reply.find("Connection: close\r\n"), std::string::npos);
  }
}

TEST_F(DoorTest, SlowHeadersBodiesAndIdleConnectionsAreClosed) {
  HttpDoorOptions options;
  options.header_timeout = options.body_timeout = options.idle_timeout = 20ms;
  const auto port = start(options);
  Client silent(port), slow_head(port), slow_body(port);
  slow_head.send("GET /v1/nothing HTTP/1.1\r\n");
  slow_body.send(post(10, "{"));
  EXPECT_EQ(silent.read_all(), "");
  EXPECT_EQ(slow_head.read_all(), "");
  EXPECT_EQ(slow_body.read_all(), "");
}

TEST_F(DoorTest, PeersThatReadNothingAreClosed) {
  HttpDoorOptions options;
  options.write_timeout = 50ms;
  Client client(start(options));
  client.send(get("/v1/big/50000000"));
  client.read_until("HTTP/1.1 200 OK\r\n");
  while (door->connections() > 0) std::this_thread::yield();
}

TEST_F(DoorTest, ConnectionsBeyondTheLimitAreClosed) {
  HttpDoorOptions options;
  options.max_connections = 1;
  const auto port = start(options);
  Client first(port);
  EXPECT_FALSE(first.ask(get("/v1/nothing")).empty());
  Client second(port);
  EXPECT_EQ(second.read_all(), "");
}

}  // namespace
}  // namespace brontes
