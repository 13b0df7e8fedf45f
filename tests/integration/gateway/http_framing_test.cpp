// Where requests and replies end, and what becomes of the connection: HTTP/1.0, 100 Continue.
#include "http_client.hpp"

namespace brontes {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string get_1_0(const std::string& target, const std::string& more_headers = "") {
  return "GET " + target + " HTTP/1.0\r\n" + more_headers + "\r\n";
}

std::string post(const std::string& headers) {
  return "POST /v1/small HTTP/1.1\r\nHost: t\r\n" + headers + "\r\n";
}

TEST_F(DoorTest, AnHttp10ConnectionEndsWithItsReply) {
  Client client(start());
  client.send(get_1_0("/v1/nothing"));
  const std::string reply = client.read_all();
  EXPECT_TRUE(reply.ends_with("\r\nConnection: close\r\n\r\n{}")) << reply;
}

// Its clients wait for the end of the connection unless the reply says otherwise.
TEST_F(DoorTest, AnHttp10ConnectionStaysIfItsClientAsksAndIsToldSo) {
  Client client(start());
  for (int i = 0; i < 2; ++i) {
    const std::string reply = client.ask(get_1_0("/v1/nothing", "Connection: keep-alive\r\n"));
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(reply.ends_with("\r\nConnection: keep-alive\r\n\r\n{}")) << reply;
  }
  EXPECT_EQ(client.ask(get("/v1/nothing")).find("Connection"), std::string::npos);
}

TEST_F(DoorTest, AConnectionEndsWithAReplyIfAnyHeaderAsksForIt) {
  const auto port = start();
  for (const char* headers :
       {"Connection: x, Close\r\n", "Connection: Upgrade\r\nConnection: close\r\n",
        "Connection: keep-alive\r\nConnection: close\r\n"}) {
    Client client(port);
    client.send(get("/v1/nothing", headers));
    EXPECT_TRUE(client.read_all().ends_with("\r\nConnection: close\r\n\r\n{}")) << headers;
  }
}

// Nothing else tells where the stream ends.
TEST_F(DoorTest, AnHttp10ConnectionEndsWithItsStreamWhateverItsClientAsks) {
  Client client(start());
  client.send(get_1_0("/v1/stream/2", "Connection: keep-alive\r\n") + get("/v1/nothing"));
  const std::string reply = client.read_all();
  const auto head_end = reply.find("\r\n\r\n");
  EXPECT_NE(reply.substr(0, head_end + 2).find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_EQ(reply.substr(0, head_end).find("Transfer-Encoding"), std::string::npos);
  EXPECT_EQ(reply.substr(head_end + 4),
            "{\"result\":{\"seq\":1,\"text\":\"item-1\"}}\n"
            "{\"result\":{\"seq\":2,\"text\":\"item-2\"}}\n");
}

TEST_F(DoorTest, TrailersDoNotMakeChunksForHttp10) {
  Client client(start());
  client.send(
      "POST /v1/setmeta HTTP/1.0\r\nTE: trailers\r\nContent-Length: 25\r\n\r\n"
      R"({"trailers":{"t":"abcd"}})");
  const std::string reply = client.read_all();
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\n")) << reply;
  EXPECT_NE(reply.find("\r\nContent-Length: "), std::string::npos);
  EXPECT_EQ(reply.find("Trailer"), std::string::npos) << reply;
}

TEST_F(DoorTest, AClientThatWaitsIsToldToSendItsBody) {
  Client client(start());
  for (const char* framing : {"Content-Length: 19\r\n", "Transfer-Encoding: chunked\r\n"}) {
    client.send(post(std::string("Expect: 100-Continue\r\n") + framing));
    ASSERT_EQ(client.read_until("\r\n\r\n"), kContinue);
    const bool chunked = std::string_view(framing).ends_with("chunked\r\n");
    const std::string body = R"({"userName":"ann" })";
    const std::string reply = client.ask(chunked ? "13\r\n" + body + "\r\n0\r\n\r\n" : body);
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_NE(reply.find(R"("user_name":"ann")"), std::string::npos);
  }
}

TEST_F(DoorTest, ContinueIsSaidOnlyToThoseWhoWaitForIt) {
  HttpDoorOptions options;
  options.max_body_bytes = 100;
  const auto port = start(options);
  for (const char* request :
       {"POST /v1/nothing HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\n\r\n",
        "POST /v1/nothing HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
        "POST /v1/nothing HTTP/1.1\r\nHost: t\r\nExpect: x\r\nContent-Length: 2\r\n\r\n{}",
        "POST /v1/nothing HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}"})
    EXPECT_TRUE(Client(port).ask(request).starts_with("HTTP/1.1 200 OK\r\n")) << request;
  for (const char* refused : {"Content-Length: 101\r\n", "Content-Length: 2\r\nHost: u\r\n"})
    EXPECT_TRUE(Client(port)
                    .ask(post(std::string("Expect: 100-continue\r\n") + refused))
                    .starts_with("HTTP/1.1 4"))
        << refused;
}

// RFC 9112 5.2: who takes a fold for the end of the line reads another length than who joins it.
TEST_F(DoorTest, AFoldedHeaderIsRefusedAndTheConnectionCloses) {
  const auto port = start();
  for (const char* folded :
       {"Transfer-Encoding:\r\n chunked\r\n", "Transfer-Encoding: chunked\r\n \r\n",
        "Content-Length:\r\n\t2\r\n", "Grpc-Metadata-A: a\r\n b\r\n"}) {
    Client client(port);
    client.send(post(folded) + "0\r\n\r\n" + get("/v1/nothing"));
    const std::string reply = client.read_all();
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 400 ")) << folded << reply;
    EXPECT_NE(reply.find("must not be folded"), std::string::npos) << reply;
    EXPECT_EQ(reply.find("HTTP/1.1", 1), std::string::npos) << folded << reply;
  }
}

TEST_F(DoorTest, AFoldIsSeenHoweverItArrives) {
  const auto port = start();
  Client client(port);
  for (const char byte : post("A: a\r\n b\r\nContent-Length: 2\r\n")) client.send({&byte, 1});
  EXPECT_TRUE(client.read_all().starts_with("HTTP/1.1 400 "));
}

// RFC 9112 2.2: old clients end a body with a line that is no part of it.
TEST_F(DoorTest, OneEmptyLineBeforeARequestIsIgnored) {
  const auto port = start();
  Client client(port);
  const std::string body = post("Content-Length: 2\r\n") + "{}";
  client.send("\r\n" + body + "\r\n" + body + "\r\n");
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(client.reply().starts_with("HTTP/1.1 200 ")) << i;
  for (const char byte : get("/v1/nothing")) client.send({&byte, 1});
  EXPECT_TRUE(client.reply().starts_with("HTTP/1.1 200 "));
  for (const char byte : "\r\n" + get("/v1/nothing")) client.send({&byte, 1});
  EXPECT_TRUE(client.reply().starts_with("HTTP/1.1 200 "));
  client.send("\r\n\r\n" + get("/v1/nothing"));
  EXPECT_TRUE(client.read_all().starts_with("HTTP/1.1 400 "));
}

// The other one is cut off by the same thread after its time.
TEST_F(DoorTest, AnEmptyLineBeginsNoRequest) {
  HttpDoorOptions options;
  options.header_timeout = std::chrono::milliseconds(1);
  const auto port = start(options);
  Client idle(port), slow(port);
  for (const char* part : {"\r", "\n"}) {
    idle.send(part);
    Client(port).ask(get("/v1/nothing"));
  }
  slow.send("GET");
  EXPECT_EQ(slow.read_all(), "");
  EXPECT_TRUE(idle.ask(get("/v1/nothing")).starts_with("HTTP/1.1 200 "));
}

// RFC 9112 3.2: what no host can be is refused, whatever a server would do with the name.
TEST_F(DoorTest, ARequestForWhatIsNoHostIsRefusedAndTheConnectionCloses) {
  const auto port = start();
  const auto ask = [port](const std::string& line, const std::string& hosts) {
    Client client(port);
    client.send("GET /v1/nothing " + line + "\r\n" + hosts + "Connection: close\r\n\r\n");
    return client.read_all().substr(9, 3);
  };
  for (const char* hosts : {"", "Host: a b/c\r\n", "Host: user@a\r\n", "Host: a:b\r\n",
                            "Host: a:65536\r\n", "Host: :80\r\n", "Host: a/b\r\n", "Host: [::1\r\n",
                            "Host: a, b\r\n", "Host: a\r\nHost: a\r\n", "Host:\r\nHost: a\r\n"})
    EXPECT_EQ(ask("HTTP/1.1", hosts), "400") << hosts;
  for (const char* hosts : {"Host: a b/c\r\n", "Host: a\r\nHost: b\r\n"})
    EXPECT_EQ(ask("HTTP/1.0", hosts), "400") << hosts;
  for (const char* hosts : {"Host:\r\n", "Host: a\r\n", "Host: a:80\r\n", "Host: [::1]:80\r\n"})
    EXPECT_EQ(ask("HTTP/1.1", hosts), "200") << hosts;
  EXPECT_EQ(ask("HTTP/1.0", ""), "200");
}

}  // namespace
}  // namespace brontes
