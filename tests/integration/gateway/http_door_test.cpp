// What a client sees: curl and plain sockets over loopback.
#include <array>
#include <cstdio>
#include <future>
#include <stdexcept>

#include "http_client.hpp"

namespace brontes {
namespace {

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  std::array<char, 4096> chunk{};
  while (const auto got = std::fread(chunk.data(), 1, chunk.size(), pipe))
    out.append(chunk.data(), got);
  ::pclose(pipe);
  return out;
}

TEST_F(DoorTest, CurlGetsAndPosts) {
  const std::string base = "curl -sS --max-time 20 http://127.0.0.1:" + std::to_string(start());
  EXPECT_EQ(output_of(base + "/v1/nothing"), "{}");
  EXPECT_NE(output_of(base + "/v1/small -d '{\"userName\":\"ann\"}'").find(R"("user_name":"ann")"),
            std::string::npos);
  EXPECT_EQ(output_of(base + "/none"), R"({"code":5,"message":"Not Found","details":[]})");
  EXPECT_EQ(output_of(base + "/v1/nothing -o /dev/null -w '%{http_code} %{content_type}'"),
            "200 application/json");
}

TEST_F(DoorTest, CurlReusesItsConnection) {
  const std::string url = "http://127.0.0.1:" + std::to_string(start()) + "/v1/nothing ";
  EXPECT_EQ(output_of("curl -sS --max-time 20 -o /dev/null -o /dev/null -w '%{num_connects}' " +
                      url + url),
            "10");
}

TEST_F(DoorTest, PipelinedRequestsAreAnsweredInOrder) {
  Client client(start());
  std::string all;
  for (int i = 0; i < 50; ++i) all += get("/v1/fail/3?message=m" + std::to_string(i));
  client.send(all);
  for (int i = 0; i < 50; ++i)
    EXPECT_NE(client.reply().find("\"m" + std::to_string(i) + "\""), std::string::npos);
}

TEST_F(DoorTest, RequestsBehindAWaitingCallAreKept) {
  Client client(start());
  client.send(get("/v1/slow/50?key=k") + get("/v1/fail/3?message=next"));
  EXPECT_NE(client.reply().find("EchoService/Slow"), std::string::npos);
  EXPECT_NE(client.reply().find("next"), std::string::npos);
}

TEST_F(DoorTest, RequestMayComeByteByByte) {
  Client client(start());
  for (const char c : get("/v1/nothing")) client.send({&c, 1});
  EXPECT_TRUE(client.reply().starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(DoorTest, StreamsAreLinesAndLeaveTheConnectionOpen) {
  Client client(start());
  client.send(get("/v1/stream/40"));
  const std::string reply = client.read_until("\r\n0\r\n\r\n");
  EXPECT_NE(reply.find(R"({"result":{"seq":1,"text":"item-1"}})"), std::string::npos);
  EXPECT_NE(reply.find(R"("seq":40)"), std::string::npos);
  EXPECT_NE(client.ask(get("/v1/nothing")).find("{}"), std::string::npos);
}

TEST_F(DoorTest, RoutesOfOnesOwnGoFirst) {
  open();
  EXPECT_TRUE(door->route("GET", "/v1/nothing",
                          [](const HttpRequest& request) {
                            return HttpResponse::text("mine " + request.query + " " +
                                                      std::string(request.header("host")));
                          })
                  .ok());
  EXPECT_TRUE(door->route("GET", "/boom/{what=**}",
                          [](const HttpRequest& request) -> HttpResponse {
                            throw std::runtime_error(std::string(request.variable("what")));
                          })
                  .ok());
  EXPECT_EQ(door->route("GET", "nope", {}).code(), Errc::kInvalidArgument);
  Client client(*door->start("127.0.0.1:0"));
  EXPECT_TRUE(client.ask(get("/v1/nothing?a=1")).ends_with("\r\n\r\nmine a=1 t"));
  const std::string failed = client.ask(get("/boom/secret"));
  EXPECT_TRUE(failed.starts_with("HTTP/1.1 500 "));
  EXPECT_EQ(failed.find("secret"), std::string::npos);
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST_F(DoorTest, FramingDateAndConnectionAreTheDoorsOwn) {
  open();
  HttpResponse response = HttpResponse::text("four");
  for (const char* name : {"content-length", "Transfer-Encoding", "DATE", "Connection"})
    response.headers.emplace_back(name, "7");
  EXPECT_TRUE(door->route("GET", "/mine", [&](const HttpRequest&) { return response; }).ok());
  Client client(*door->start("127.0.0.1:0"));
  const std::string reply = client.ask(get("/mine"));
  EXPECT_TRUE(reply.ends_with("\r\n\r\nfour"));
  EXPECT_EQ(count(reply, ": 7\r\n"), 0u) << reply;
  EXPECT_EQ(count(reply, "Content-Length: 4\r\n"), 1u);
  EXPECT_EQ(count(reply, "Date: "), 1u);
}

TEST_F(DoorTest, RepliesOfOddStatusKeepTheConnectionReadable) {
  open();
  EXPECT_TRUE(door->route("GET", "/status/{code}",
                          [](const HttpRequest& request) {
                            return HttpResponse::text(
                                "text", std::stoi(std::string(request.variable("code"))));
                          })
                  .ok());
  Client client(*door->start("127.0.0.1:0"));
  const std::string none = client.ask(get("/status/204"));
  EXPECT_TRUE(none.starts_with("HTTP/1.1 204 No Content\r\n"));
  EXPECT_EQ(none.find("Content-Length"), std::string::npos);
  EXPECT_TRUE(client.ask(get("/status/304")).starts_with("HTTP/1.1 304 "));
  EXPECT_TRUE(client.ask(get("/status/101")).starts_with("HTTP/1.1 500 "));
  EXPECT_TRUE(client.ask(get("/v1/nothing")).starts_with("HTTP/1.1 200 "));
}

TEST_F(DoorTest, AnotherMethodOnARouteOfOnesOwnIsToldAsOnAnyOther) {
  const auto tell = [](const HttpRequest&) { return HttpResponse::text("own"); };
  open();
  EXPECT_TRUE(door->route("GET", "/own", tell).ok());
  const std::string reply =
      Client(*door->start("127.0.0.1:0")).ask("DELETE /own HTTP/1.1\r\nHost: t\r\n\r\n");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 501 ")) << reply;
  EXPECT_NE(reply.find(R"("code":12)"), std::string::npos) << reply;

  HttpDoorOptions options;
  options.wrong_method_status = 405;
  open(options);
  EXPECT_TRUE(door->route("GET", "/own", tell).ok());
  EXPECT_TRUE(door->route("PUT", "/v1/nothing", tell).ok());
  Client client(*door->start("127.0.0.1:0"));
  const std::string own = client.ask("DELETE /own HTTP/1.1\r\nHost: t\r\n\r\n");
  EXPECT_NE(own.find("\r\nAllow: GET\r\n"), std::string::npos) << own;
  const std::string both = client.ask("DELETE /v1/nothing HTTP/1.1\r\nHost: t\r\n\r\n");
  EXPECT_NE(both.find("\r\nAllow: GET, POST, PUT\r\n"), std::string::npos) << both;
}

TEST_F(DoorTest, WrongMethodCanBe405) {
  HttpDoorOptions options;
  options.wrong_method_status = 405;
  Client client(start(options));
  client.send("DELETE /v1/nothing HTTP/1.1\r\nHost: t\r\n\r\n");
  const std::string reply = client.reply();
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_NE(reply.find("Allow: GET, POST\r\n"), std::string::npos);
}

std::string form(const char* target, const std::string& more_headers, const std::string& body) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: t\r\nContent-Type: application/x-www-form-urlencoded\r\n" +
         more_headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST_F(DoorTest, FormsMayUseGetAndReplaceTheMethodUnlessSwitchedOff) {
  const std::string as_get = form("/v1/fail/3", "", "message=form");
  const std::string as_delete = form("/v1/nothing", "X-HTTP-Method-Override: delete\r\n", "");
  const std::string as_put = form("/v1/fail/3", "X-HTTP-Method-Override: PUT\r\n", "");
  const std::string as_lower_get = form("/v1/echo/s/x", "X-HTTP-Method-Override: get\r\n", "i32=5");
  Client open(start());
  EXPECT_TRUE(open.ask(as_get).ends_with(R"({"code":3,"message":"form","details":[]})"));
  EXPECT_TRUE(open.ask(as_delete).starts_with("HTTP/1.1 501 "));
  EXPECT_TRUE(open.ask(as_put).starts_with("HTTP/1.1 501 "));
  EXPECT_TRUE(open.ask(as_lower_get).starts_with("HTTP/1.1 200 "));
  const auto first = std::move(door);
  HttpDoorOptions options;
  options.form_as_get = options.method_override = false;
  Client strict(start(options));
  EXPECT_TRUE(strict.ask(as_get).starts_with("HTTP/1.1 501 "));
  EXPECT_TRUE(strict.ask(as_delete).starts_with("HTTP/1.1 200 "));
}

TEST_F(DoorTest, TargetsMayBeAbsoluteAndAreOnlyPathAndQuery) {
  Client client(start());
  for (const char* target : {"http://t/v1/fail/3?message=m", "https://t:1/v1/fail/3?message=m#x",
                             "HTTP://t/v1/fail/3?message=m"})
    EXPECT_TRUE(client.ask(get(target)).ends_with(R"("message":"m","details":[]})")) << target;
  for (const char* target : {"*", "v1/nothing", "ftp://t/v1/nothing", "http://t",
                             "http://t?x=/v1/nothing", "http://t#/v1/nothing", "http:///v1/nothing",
                             "http://a@t/v1/nothing", "http://t:x/v1/nothing"})
    EXPECT_TRUE(client.ask(get(target)).starts_with("HTTP/1.1 400 ")) << target;
}

// The second one is served by the other thread.
TEST_F(DoorTest, AThreadThatIsHeldUpHoldsUpItsOwnConnectionsAlone) {
  std::promise<void> entered, go;
  HttpDoorOptions options;
  options.threads = 2;
  open(options);
  EXPECT_TRUE(door->route("GET", "/block",
                          [&](const HttpRequest&) {
                            entered.set_value();
                            go.get_future().wait();
                            return HttpResponse::text("");
                          })
                  .ok());
  const auto port = *door->start("127.0.0.1:0");
  Client blocked(port), free(port);
  EXPECT_TRUE(free.ask(get("/v1/nothing")).starts_with("HTTP/1.1 200 "));
  blocked.send(get("/block"));
  entered.get_future().wait();
  EXPECT_TRUE(free.ask(get("/v1/nothing")).starts_with("HTTP/1.1 200 "));
  go.set_value();
  EXPECT_TRUE(blocked.reply().starts_with("HTTP/1.1 200 "));
}

TEST_F(DoorTest, TwoThreadsServeManyConnections) {
  HttpDoorOptions options;
  options.threads = 2;
  const auto port = start(options);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 32; ++i) clients.push_back(std::make_unique<Client>(port));
  for (int round = 0; round < 10; ++round) {
    for (auto& client : clients) client->send(get("/v1/nothing"));
    for (auto& client : clients) EXPECT_TRUE(client->reply().starts_with("HTTP/1.1 200 "));
  }
}

}  // namespace
}  // namespace brontes
