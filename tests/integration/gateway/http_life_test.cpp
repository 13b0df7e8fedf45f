// Doors that start, adopt, drain and stop, and calls that end with them.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <brontes/actors/call/handlers.hpp>
#include <future>
#include <thread>

#include "http_client.hpp"
#include "testsvc.brontes.hpp"

namespace brontes {
namespace {

using namespace std::chrono_literals;

bool in_time(std::future<bool>& done) { return done.wait_for(20s) == std::future_status::ready; }

TEST_F(DoorTest, PortInUseIsOneClearLine) {
  const auto port = start();
  const auto first = std::move(door);
  const std::string address = "127.0.0.1:" + std::to_string(port);
  const auto second = open().start(address);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message(), "listen on " + address + ": address in use");
}

TEST_F(DoorTest, AddressesThatAreNoneAreRefused) {
  open();
  EXPECT_EQ(door->start("8080").error().code(), Errc::kInvalidArgument);
  EXPECT_FALSE(door->start("127.0.0.1:notaport"));
  EXPECT_TRUE(door->start("127.0.0.1:0"));
  EXPECT_EQ(door->start("127.0.0.1:0").error().code(), Errc::kFailedPrecondition);
}

TEST_F(DoorTest, AnAddressNeedsNoHostAndMayBeIpv6) {
  const auto port = *open().start(":0");
  EXPECT_TRUE(Client(port).ask(get("/v1/nothing")).ends_with("{}"));
  const int probe = ::socket(AF_INET6, SOCK_STREAM, 0);
  sockaddr_in6 loopback{};
  loopback.sin6_family = AF_INET6;
  loopback.sin6_addr = IN6ADDR_LOOPBACK_INIT;
  const bool has_ipv6 = ::bind(probe, reinterpret_cast<sockaddr*>(&loopback), sizeof loopback) == 0;
  ::close(probe);
  if (!has_ipv6) GTEST_SKIP() << "no IPv6 here";
  const auto first = std::move(door);
  EXPECT_TRUE(open().start("[::1]:0"));
}

TEST_F(DoorTest, AdoptsAConnectionWithItsFirstBytes) {
  SocketPair pair;
  const std::string request = get("/v1/nothing");
  open().adopt(pair.far, request.substr(0, 10));
  pair.near->send(request.substr(10));
  EXPECT_TRUE(pair.near->reply().ends_with("{}"));
}

TEST_F(DoorTest, DeadlineCancelsAndAnswers504) {
  Client client(start());
  const std::string reply = client.ask(get("/v1/slow/60000?key=d", "Grpc-Timeout: 20m\r\n"));
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 504 Gateway Timeout\r\n"));
  EXPECT_NE(client.ask(get("/v1/cancelled/d")).find("\"count\":1"), std::string::npos);
}

TEST_F(DoorTest, ClientThatLeavesCancelsItsCall) {
  const auto port = start();
  {
    Client client(port);
    client.send(get("/v1/stream/1000000?delay_ms=5&key=gone"));
    client.read_until("item-1");
  }
  Client other(port);
  while (other.ask(get("/v1/cancelled/gone")).find("\"count\":1") == std::string::npos)
    ASSERT_FALSE(HasFailure());
}

TEST_F(DoorTest, DrainClosesIdleConnectionsAndFinishesCalls) {
  const auto port = start();
  Client idle(port), busy(port);
  EXPECT_FALSE(idle.ask(get("/v1/nothing")).empty());
  busy.send(get("/v1/stream/3?delay_ms=20"));
  busy.read_until("item-1");
  std::promise<bool> drained;
  auto clean = drained.get_future();
  door->drain(TimePoint::max(), [&](bool ok) { drained.set_value(ok); });
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_NE(busy.read_all().find("item-3"), std::string::npos);
  ASSERT_TRUE(in_time(clean));
  EXPECT_TRUE(clean.get());
  EXPECT_EQ(door->connections(), 0u);
}

TEST_F(DoorTest, WhoDrainsTakesNoMoreConnections) {
  const auto port = start();
  Client idle(port);
  EXPECT_FALSE(idle.ask(get("/v1/nothing")).empty());
  std::promise<bool> drained;
  auto clean = drained.get_future();
  door->drain(TimePoint::max(), [&](bool ok) { drained.set_value(ok); });
  ASSERT_TRUE(in_time(clean));
  EXPECT_FALSE(Client::can_connect(port));
}

TEST_F(DoorTest, DrainAnswersWhatIsOnItsWay) {
  std::promise<void> entered, go;
  open();
  EXPECT_TRUE(door->route("GET", "/block",
                          [&](const HttpRequest&) {
                            entered.set_value();
                            go.get_future().wait();
                            return HttpResponse::text("");
                          })
                  .ok());
  const auto port = *door->start("127.0.0.1:0");
  Client idle(port), blocking(port);
  EXPECT_FALSE(idle.ask(get("/v1/nothing")).empty());
  blocking.send(get("/block"));
  entered.get_future().wait();
  idle.send(get("/v1/nothing"));  // the door's thread cannot have seen it when it drains
  door->drain(TimePoint::max(), [](bool) {});
  go.set_value();
  const std::string reply = idle.read_all();
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_NE(reply.find("\r\nConnection: close\r\n"), std::string::npos);
}

TEST_F(DoorTest, WindingDownClosesAfterTheNextReplyAndStillTakesConnections) {
  const auto port = start();
  Client before(port);
  EXPECT_EQ(before.ask(get("/v1/nothing")).find("Connection: close"), std::string::npos);
  door->wind_down();
  Client after(port);
  for (Client* client : {&before, &after}) {
    client->send(get("/v1/nothing"));
    const std::string reply = client->read_all();
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_NE(reply.find("\r\nConnection: close\r\n"), std::string::npos);
  }
}

TEST_F(DoorTest, DrainWithoutConnectionsIsDoneAtOnce) {
  start();
  bool clean = false;
  door->drain(TimePoint::max(), [&](bool ok) { clean = ok; });
  EXPECT_TRUE(clean);
}

TEST_F(DoorTest, DrainGivesUpWhenItsTimeIsOver) {
  Client busy(start());
  busy.send(get("/v1/stream/1000000?delay_ms=5&key=k"));
  busy.read_until("item-1");
  std::promise<bool> drained;
  auto clean = drained.get_future();
  door->drain(after(system_clock(), 1ms), [&](bool ok) { drained.set_value(ok); });
  ASSERT_TRUE(in_time(clean));
  EXPECT_FALSE(clean.get());
}

TEST_F(DoorTest, StopEndsRunningCallsAndReturns) {
  std::vector<std::unique_ptr<Client>> clients;
  const auto port = start();
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<Client>(port));
    clients.back()->send(get("/v1/stream/1000000?delay_ms=1&key=k"));
    clients.back()->read_until("item-1");
  }
  door->stop();
  EXPECT_EQ(door->connections(), 0u);
  door->stop();
}

/// The handler learns of the stop, and answers: at once, or on another thread before it returns.
struct CutCall : ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(HereAndElsewhere, CutCall, ::testing::Bool());

TEST_P(CutCall, IsAnsweredByTheDoorThatStops) {
  using Slow = gwtest::v1::EchoServiceMethods::Slow;
  MethodTable table;
  std::promise<CallPtr> begun;
  const auto keep = [&begun](const CallPtr& call, const Event& event) {
    if (event.type == Event::Type::kStarted) begun.set_value(call);
    if (event.type != Event::Type::kCancelled) return;
    const auto answer = [&call] { call->finish(call->cancel_status()); };
    GetParam() ? std::thread(answer).join() : answer();
  };
  ASSERT_TRUE(table.add(row<Slow>(make_handler<Slow>(keep))).ok());
  auto routes = std::make_shared<RouteTable>();
  EXPECT_TRUE(routes->add_all(table).empty());
  HttpDoor door(table, std::make_shared<Published<RouteTable>>(std::move(routes)));
  Client client(*door.start("127.0.0.1:0"));
  client.send(get("/v1/slow/1000"));
  const CallPtr call = begun.get_future().get();
  door.stop();
  const std::string reply = client.read_all();
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 503 ")) << reply;
  EXPECT_NE(reply.find("\r\nConnection: close\r\n"), std::string::npos) << reply;
  EXPECT_TRUE(reply.ends_with(R"({"code":14,"message":"the server stops","details":[]})")) << reply;
}

// A handler that keeps its call must not keep the door, nor touch it later.
TEST(HttpDoor, HandlersMayAnswerAfterTheDoorIsGone) {
  MethodTable table;
  conformance::Backend backend;
  backend.add_to(table);
  auto routes = std::make_shared<RouteTable>();
  EXPECT_TRUE(routes->add_all(table).empty());
  auto published = std::make_shared<Published<RouteTable>>(std::move(routes));
  auto door = std::make_unique<HttpDoor>(table, published);
  Client client(*door->start("127.0.0.1:0"));
  client.send(get("/v1/slow/30?key=late"));
  client.send(get("/v1/nothing"));
  door.reset();
  EXPECT_EQ(client.read_all().find("200 OK"), std::string::npos);
}

}  // namespace
}  // namespace brontes
