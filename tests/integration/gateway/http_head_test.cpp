// HEAD: the whole head of a reply and no byte of its body, or the next reply begins in the middle.
#include "http_client.hpp"
#include "testsvc.brontes.hpp"

namespace brontes {
namespace {

using Streams = gwtest::v1::StreamServiceMethods;

std::string request(const char* method, const std::string& target) {
  return method + (" " + target) + " HTTP/1.1\r\nHost: t\r\n\r\n";
}

// "Name: value" of a head, or "".
std::string field(const std::string& head, const std::string& name) {
  const auto at = head.find("\r\n" + name + ": ");
  return at == std::string::npos ? "" : head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
}

struct HttpHeadRequest : DoorTest {
  /// The reply to HEAD; what follows it at once must be the reply to the next request.
  std::string head(const std::string& target) {
    client_->send(request("HEAD", target) + get("/v1/nothing"));
    std::string reply = client_->read_until("\r\n\r\n");
    const std::string next = client_->reply();
    EXPECT_TRUE(next.starts_with("HTTP/1.1 200 OK\r\n") && next.ends_with("\r\n\r\n{}"))
        << target << " was followed by " << next;
    return reply;
  }
  /// HEAD is answered as the other method is, but for the body.
  void expect_head_of(const char* method, const std::string& target, const std::string& status) {
    const std::string whole = client_->ask(request(method, target)), reply = head(target);
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 " + status)) << reply;
    EXPECT_EQ(reply.substr(0, reply.find("\r\n")), whole.substr(0, whole.find("\r\n")));
    for (const char* name : {"Content-Type", "Content-Length", "Grpc-Metadata-A"})
      EXPECT_EQ(field(reply, name), field(whole, name)) << target;
    EXPECT_NE(field(reply, "Content-Length"), "Content-Length: 0");
    EXPECT_NE(field(reply, "Content-Length"), "");
    EXPECT_NE(field(reply, "Date"), "");
    EXPECT_EQ(field(reply, "Connection"), "");
  }

  /// The same methods as everywhere, and a stream by HEAD.
  void begin() {
    auto routes = std::make_shared<RouteTable>();
    EXPECT_TRUE(routes->add_all(table).empty());
    EXPECT_TRUE(routes
                    ->add(*table.find(Streams::ServerStream::path),
                          {"HEAD", "/v1/headstream/{count}", "", ""})
                    .ok());
    door = std::make_unique<HttpDoor>(table,
                                      std::make_shared<Published<RouteTable>>(std::move(routes)));
    for (const char* method : {"GET", "HEAD"})
      EXPECT_TRUE(door->route(method, "/mine/{size}",
                              [](const HttpRequest& in) {
                                const auto size = std::stoul(std::string(in.variable("size")));
                                HttpResponse out = HttpResponse::text(std::string(size, 'x'));
                                out.headers.emplace_back("Grpc-Metadata-A", "b");
                                return out;
                              })
                      .ok());
    EXPECT_TRUE(
        door->route("*", "/broken",
                    [](const HttpRequest&) -> HttpResponse { throw std::runtime_error(""); })
            .ok());
    client_ = std::make_unique<Client>(*door->start("127.0.0.1:0"));
  }
  void SetUp() override { begin(); }

 private:
  std::unique_ptr<Client> client_;
};

TEST_F(HttpHeadRequest, ToAMethodIsAnsweredWithItsHeadAlone) {
  expect_head_of("GET", "/v1/anymethod/x", "200 ");
  expect_head_of("GET", "/v1/anymethod/" + std::string(20'000, 'x'), "200 ");
}

TEST_F(HttpHeadRequest, ToARouteOfOnesOwnIsAnsweredWithItsHeadAlone) {
  expect_head_of("GET", "/mine/4", "200 ");
  expect_head_of("GET", "/mine/100000", "200 ");
  expect_head_of("GET", "/broken", "500 ");
}

TEST_F(HttpHeadRequest, ThatFailsIsAnsweredWithTheHeadOfTheError) {
  expect_head_of("GET", "/none", "404 ");
  expect_head_of("GET", "/v1/anymethod/x?i32=z", "400 ");
  expect_head_of("GET", "/v1/anymethod/%zz", "400 ");
  expect_head_of("DELETE", "/v1/nothing", "501 ");  // HEAD is not derived from GET
}

TEST_F(HttpHeadRequest, ToAStreamIsAnsweredWithoutItems) {
  const std::string reply = head("/v1/headstream/3");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(field(reply, "Transfer-Encoding"), "Transfer-Encoding: chunked");
}

TEST_F(HttpHeadRequest, ThatIsRefusedUnreadIsAnsweredWithoutABody) {
  HttpDoorOptions options;
  options.max_header_bytes = options.max_body_bytes = 100;
  const auto port = start(options);
  for (const auto& [request, status] : std::initializer_list<std::pair<std::string, const char*>>{
           {"HEAD / HTTP/1.1\r\n\r\n", "400 "},
           {"HEAD / HTTP/1.1\r\nHost : t\r\n\r\n", "400 "},
           {"HEAD / HTTP/1.1\r\nHost: t\r\nContent-Length: 101\r\n\r\n", "413 "},
           {"HEAD / HTTP/1.1\r\nHost: t\r\nX: " + std::string(200, 'x'), "431 "}}) {
    Client client(port);
    client.send(request);
    const std::string reply = client.read_all();
    EXPECT_TRUE(reply.starts_with(std::string("HTTP/1.1 ") + status)) << reply;
    EXPECT_EQ(reply.find("\r\n\r\n"), reply.size() - 4) << reply;
    EXPECT_NE(field(reply, "Content-Length"), "");
    EXPECT_EQ(field(reply, "Connection"), "Connection: close");
  }
}

}  // namespace
}  // namespace brontes
